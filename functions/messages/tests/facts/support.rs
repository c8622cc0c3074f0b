//! A platform with messages to send, and the queue that brings them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::sqs::SqsEvent;
use domain::message::MessageStep;
use domain::{Caller, Grant, Message, MessageId, MessageTemplate, Recipient};
use messages::Messages;
use serde_json::{Value, json};
use standins::outbox::OutboxMessage;
use standins::{Fault, Faults, Service};
use testkit::{Tenant, World};

/// Decides what goes wrong, once it is set: the writes are counted from then on.
#[derive(Clone, Default)]
pub(crate) struct Trap(Arc<Inner>);

#[derive(Default)]
struct Inner {
    set: AtomicBool,
    writes: AtomicU64,
    fatal: Mutex<Option<(u64, Fault)>>,
    /// What does not answer.
    closed: Mutex<Option<Service>>,
    /// What becomes of so many calls of a provider.
    provider: Mutex<Option<(u32, Fault)>>,
}

impl Trap {
    fn faults(&self) -> Faults {
        let trap = Arc::clone(&self.0);
        Faults::decided_by(move |call| {
            if *trap.closed.lock().expect("no test panicked here") == Some(call.service) {
                return Some(Fault::Lost);
            }
            if !trap.set.load(Ordering::SeqCst) {
                return None;
            }
            if matches!(call.service, Service::Ses | Service::Sms | Service::Push) {
                let mut provider = trap.provider.lock().expect("no test panicked here");
                if let Some((left, fault)) = provider.as_mut().filter(|(left, _)| *left > 0) {
                    *left -= 1;
                    return Some(*fault);
                }
            }
            call.write?;
            let write = trap.writes.fetch_add(1, Ordering::SeqCst) + 1;
            let fatal = *trap.fatal.lock().expect("no test panicked here");
            fatal.filter(|(at, _)| *at == write).map(|(_, fault)| fault)
        })
    }

    /// The worker dies at this write, if at any.
    pub(crate) fn kill(&self, fatal: Option<(u64, Fault)>) {
        *self.0.fatal.lock().expect("no test panicked here") = fatal;
        self.0.set.store(true, Ordering::SeqCst);
    }

    /// So many calls of a provider go wrong so.
    pub(crate) fn trip(&self, calls: u32, fault: Fault) {
        *self.0.provider.lock().expect("no test panicked here") = Some((calls, fault));
        self.0.set.store(true, Ordering::SeqCst);
    }

    /// From now on a service does not answer, or does again.
    pub(crate) fn close(&self, service: Service, closed: bool) {
        *self.0.closed.lock().expect("no test panicked here") = closed.then_some(service);
    }

    pub(crate) fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::SeqCst)
    }
}

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) trap: Trap,
    pub(crate) faults: Faults,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let trap = Trap::default();
        let faults = trap.faults();
        let world = World::with_faults(faults.clone()).await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        Self { world, tenant, grant, trap, faults }
    }

    pub(crate) async fn queue(&self, to: Recipient, template: MessageTemplate, values: Value) -> Message {
        let now = self.world.platform.now();
        let id = MessageId::at(now, self.world.platform.random());
        let change = Message::queue(id, self.tenant.organization, to, template, values, now);
        self.world.platform.table().commit(&self.grant, change).await.expect("a message")
    }

    /// A message of welcome to `address`.
    pub(crate) async fn welcome(&self, address: &str) -> Message {
        let values = json!({"name": "Asha", "organization": "Example Ltd"});
        self.queue(by_mail(address), MessageTemplate::Welcome, values).await
    }

    pub(crate) fn step(&self, message: &Message) -> String {
        let step = MessageStep { organization: self.tenant.organization, message: message.id };
        serde_json::to_string(&step).expect("JSON")
    }

    /// Hands these bodies to a worker in one batch and tells which come again, by their place.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<usize> {
        let record = |(place, body)| json!({"messageId": format!("{place}"), "body": body});
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let failures = Messages::new(self.world.platform.clone()).handle(event).await.batch_item_failures;
        failures.iter().map(|failure| failure.item_identifier.parse().expect("a place")).collect()
    }

    /// Hands messages to a worker, who deals with all of them.
    pub(crate) async fn send(&self, messages: &[&Message]) {
        let bodies: Vec<String> = messages.iter().map(|message| self.step(message)).collect();
        assert_eq!(self.bring(&bodies).await, [0; 0]);
    }

    pub(crate) async fn read(&self, message: &Message) -> Message {
        self.world.platform.table().get_to_change(&self.grant, message.id).await.expect("the message")
    }

    /// What went out, the oldest first.
    pub(crate) fn outbox(&self) -> Vec<OutboxMessage> {
        let mut messages = self.world.standins.ses.outbox().messages(None, 100).expect("the outbox opens");
        messages.reverse();
        messages
    }
}

pub(crate) fn by_mail(address: &str) -> Recipient {
    Recipient::Email(address.parse().expect("an address"))
}

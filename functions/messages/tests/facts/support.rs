//! A platform with messages to send, and the queue that brings them.

use std::sync::{Arc, Mutex};

use aws_lambda_events::event::sqs::SqsEvent;
use domain::message::MessageStep;
use domain::{Caller, Grant, Message, MessageId, MessageTemplate, Recipient};
use messages::Messages;
use serde_json::{Value, json};
use standins::outbox::OutboxMessage;
use standins::{Fault, Service};
use testkit::{Tenant, Trap, World};

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) trap: Trap,
    /// What becomes of so many calls of a provider.
    provider: Arc<Mutex<Option<(u32, Fault)>>>,
    /// What does not answer.
    closed: Arc<Mutex<Option<Service>>>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let provider = Arc::new(Mutex::new(None::<(u32, Fault)>));
        let closed = Arc::new(Mutex::new(None::<Service>));
        let (tripped, shut) = (Arc::clone(&provider), Arc::clone(&closed));
        let trap = Trap::beside(move |call| {
            if *shut.lock().expect("no test panicked here") == Some(call.service) {
                return Some(Fault::Lost);
            }
            let is_provider = matches!(call.service, Service::Ses | Service::Sms | Service::Push);
            let mut tripped = tripped.lock().expect("no test panicked here");
            let (left, fault) = tripped.as_mut().filter(|(left, _)| is_provider && *left > 0)?;
            *left -= 1;
            Some(*fault)
        });
        let world = World::with_faults(trap.faults()).await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        Self { world, tenant, grant, trap, provider, closed }
    }

    /// So many calls of a provider go wrong so.
    pub(crate) fn trip(&self, calls: u32, fault: Fault) {
        *self.provider.lock().expect("no test panicked here") = Some((calls, fault));
    }

    /// From now on a service does not answer, or does again.
    pub(crate) fn close(&self, service: Service, closed: bool) {
        *self.closed.lock().expect("no test panicked here") = closed.then_some(service);
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

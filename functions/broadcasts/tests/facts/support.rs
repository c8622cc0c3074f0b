//! An organization with people to tell, and the queue that brings the steps.

use std::num::NonZeroU32;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::broadcast::{Audience, Broadcast, BroadcastStep, LEASE, Sending};
use domain::notification::Notice;
use domain::{BroadcastId, Caller, Grant, Notification, NotificationType, Priority, Role, Rows, Slot, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Fault;
use store::ListQuery;
use testkit::{Person, Tenant, Trap, World};

pub(crate) struct Hall {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) admin: Person,
    pub(crate) agents: Vec<Person>,
    trap: Trap,
}

impl Hall {
    /// An administrator, and agents of both branches in turn.
    pub(crate) async fn with(agents: usize) -> Self {
        let trap = Trap::default();
        let world = World::with_faults(trap.faults()).await;
        let (tenant, admin) = world.an_admin().await;
        let mut people = Vec::new();
        for number in 0..agents {
            let branch = if number % 2 == 0 { tenant.branch } else { tenant.other_branch };
            people.push(world.a_person(&tenant, Role::Agent, branch).await);
        }
        let grant = Caller::system(tenant.organization, "test").own();
        Self { world, tenant, grant, admin, agents: people, trap }
    }

    /// From now on, this happens at so many writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    /// A broadcast to everybody, whose first step is queued.
    pub(crate) async fn send(&self) -> Broadcast {
        let broadcast = self.send_to(Audience::Everybody, Rows::All, None).await;
        self.queue(&broadcast).await;
        broadcast
    }

    pub(crate) async fn send_to(&self, audience: Audience, rows: Rows, seconds: Option<i64>) -> Broadcast {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let sending = Sending {
            by: self.admin.user,
            rows,
            audience,
            kind: NotificationType::System,
            priority: Priority::High,
            notice: Notice::of_ours("Maintenance", "Tonight at two.").expect("a notice"),
            expires_at: seconds.map(|seconds| now + SignedDuration::from_secs(seconds)),
        };
        let id = BroadcastId::at(now, platform.random());
        let change = Broadcast::send(id, self.tenant.organization, sending, now);
        platform.table().commit(&self.grant, change).await.expect("a broadcast")
    }

    pub(crate) fn step(&self, broadcast: &Broadcast) -> String {
        let step = BroadcastStep { organization: self.tenant.organization, broadcast: broadcast.id };
        serde_json::to_string(&step).expect("JSON")
    }

    pub(crate) async fn queue(&self, broadcast: &Broadcast) {
        let step = BroadcastStep { organization: self.tenant.organization, broadcast: broadcast.id };
        self.world.platform.broadcasts().expect("a queue").send(&step).await.expect("it is queued");
    }

    /// Hands steps to a worker with two people a page; those that came back as failed.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<String> {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(place, body)| json!({"messageId": place.to_string(), "body": body, "attributes": {}, "messageAttributes": {}}))
            .collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let response = broadcasts::handle_in_pages(&self.world.platform, event, 2).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// Works through the queue until it is empty.
    pub(crate) async fn work(&self) {
        let url = self.world.platform.settings().broadcasts_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        loop {
            let Ok(answer) = client.receive_message().queue_url(&url).max_number_of_messages(1).send().await else {
                return;
            };
            let Some(message) = answer.messages.unwrap_or_default().pop() else { return };
            let failed = self.bring(&[message.body.unwrap_or_default()]).await;
            if failed.is_empty() {
                let receipt = message.receipt_handle.unwrap_or_default();
                // A worker that died deletes nothing.
                let _ = client.delete_message().queue_url(&url).receipt_handle(receipt).send().await;
            }
        }
    }

    /// Leases end, and the clock runs.
    pub(crate) async fn wait(&self) {
        self.world.clock.advance(LEASE + SignedDuration::from_secs(61));
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
    }

    pub(crate) async fn read(&self, broadcast: &Broadcast) -> Broadcast {
        self.world.platform.table().get_to_change(&self.grant, broadcast.id).await.expect("the broadcast")
    }

    /// How often somebody was told, by the list and by their inbox.
    pub(crate) async fn told(&self, user: UserId) -> usize {
        let table = self.world.platform.table();
        let query = ListQuery::new(Slot::One, "user", user.to_string(), NonZeroU32::new(50).expect("a limit"));
        let told = table.list::<Notification>(&self.grant, &query, |_| true).await.expect("notifications").records;
        let now = self.world.platform.now();
        let live = told.iter().filter(|one| !one.is_expired(now)).count();
        let inbox = table.inbox(&self.grant, user, now).await.expect("an inbox");
        assert_eq!(usize::try_from(inbox.figures(None, now).total), Ok(live), "the inbox says what the list holds");
        told.len()
    }
}

//! An organization whose endpoints are told what happens.

use std::num::NonZeroU32;
use std::sync::Mutex;

use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use domain::{
    Caller, Grant, Notification, Slot, WebhookDelivery, WebhookEndpoint, WebhookEndpointId, WebhookHealth,
    WebhookRecovery, WebhookRecoveryId,
};
use events::{StreamEvent, StreamRecord};
use jiff::SignedDuration;
use providers::WebhookCall;
use serde_json::{Value, json};
use standins::Fault;
use store::ListQuery;
use testkit::{Ask, Person, Tenant, Trap, World};

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) admin: Person,
    pub(crate) api: Router,
    leads: Router,
    trap: Trap,
    pending: Mutex<Vec<Value>>,
}

const MANY: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

/// An endpoint and what its calls are signed with.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) id: WebhookEndpointId,
    pub(crate) url: String,
    pub(crate) secret: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let trap = Trap::default();
        let world = World::with_faults(trap.faults()).await;
        let (tenant, admin) = world.an_admin().await;
        let grant = Caller::system(tenant.organization, "test").own();
        let (api, leads) = (webhook_endpoints::router(world.app()), leads::router(world.app()));
        let desk = Self { world, tenant, grant, admin, api, leads, trap, pending: Mutex::default() };
        desk.settle().await;
        desk
    }

    /// From now on, this happens at so many writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    pub(crate) async fn ask(&self, ask: Ask) -> testkit::Answer {
        ask.bearing(&self.token()).of(&self.api).await
    }

    /// The administrator's token, renewed: time goes by here.
    fn token(&self) -> String {
        let now = self.world.platform.now().as_second();
        self.world.keys.sign(&web::Claims { iat: now, exp: now + 3_600, ..self.admin.claims.clone() })
    }

    /// An endpoint that is told of these; what was read of endpoints before is believed no more.
    pub(crate) async fn endpoint(&self, name: &str, events: &[&str]) -> Told {
        let url = format!("https://{name}.example/hooks");
        let made = self.ask(Ask::post("/webhook-endpoints", json!({"url": url, "events": events}))).await.data(201);
        self.world.clock.advance(runtime::ENDPOINTS_BELIEVED);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let id = text(&made["webhook_endpoint"]["id"]).parse().expect("an id");
        Told { id, url, secret: text(&made["secret"]) }
    }

    pub(crate) async fn change(&self, told: &Told, body: Value) -> Value {
        let changed = self.ask(Ask::put(format!("/webhook-endpoints/{}", told.id), body)).await.data(200);
        self.world.clock.advance(runtime::ENDPOINTS_BELIEVED);
        changed
    }

    /// A lead; its id.
    pub(crate) async fn a_lead(&self, name: &str) -> String {
        let body =
            json!({"full_name": name, "email": format!("{}@example.com", name.replace(' ', "_").to_lowercase())});
        let lead = Ask::post("/leads", body).bearing(&self.token()).of(&self.leads).await.data(201);
        lead["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn change_lead(&self, id: &str, body: Value) {
        Ask::put(format!("/leads/{id}"), body).bearing(&self.token()).of(&self.leads).await.expect(200);
    }

    /// What happened since, for the listeners; what they could not do stays.
    pub(crate) async fn news(&self) -> Vec<Value> {
        let mut news = std::mem::take(&mut *self.pending.lock().expect("no test panicked here"));
        news.extend(self.world.stream().await);
        news
    }

    pub(crate) async fn follow(&self, news: &[Value]) -> bool {
        let record = |dynamodb: &Value| StreamRecord { event_name: String::new(), dynamodb: dynamodb.clone() };
        let event = StreamEvent { records: news.iter().map(record).collect() };
        Box::pin(events::handle(&self.world.platform, event)).await.batch_item_failures.is_empty()
    }

    /// Hands steps to a worker; those that came back as failed.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<String> {
        let record = |(place, body): (usize, &String)| json!({"messageId": place.to_string(), "body": body, "attributes": {}, "messageAttributes": {}});
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let response = Box::pin(webhook_deliveries::handle(&self.world.platform, event)).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// The message of a delivery.
    pub(crate) fn message(&self, delivery: &WebhookDelivery) -> String {
        json!({"step": "deliver", "organization": self.tenant.organization, "delivery": delivery.id}).to_string()
    }

    /// Events are followed and the queue is worked through until nothing is left, or until something fails.
    pub(crate) async fn settle(&self) {
        loop {
            let news = self.news().await;
            let followed = news.is_empty() || self.follow(&news).await;
            if !followed {
                self.pending.lock().expect("no test panicked here").clone_from(&news);
            }
            let worked = self.work().await;
            if !followed || (news.is_empty() && worked == 0) {
                return;
            }
        }
    }

    /// Works through the queue until nothing is handed out; how many messages there were.
    async fn work(&self) -> usize {
        let url = self.world.platform.settings().webhook_deliveries_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let mut number = 0;
        loop {
            let Ok(answer) = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await else {
                return number;
            };
            let messages = answer.messages.unwrap_or_default();
            if messages.is_empty() {
                return number;
            }
            number += messages.len();
            let bodies: Vec<String> = messages.iter().filter_map(|message| message.body.clone()).collect();
            let failed = self.bring(&bodies).await;
            for (place, message) in messages.into_iter().enumerate() {
                if !failed.contains(&place.to_string()) {
                    let receipt = message.receipt_handle.unwrap_or_default();
                    // A worker that died deletes nothing.
                    let _ = client.delete_message().queue_url(&url).receipt_handle(receipt).send().await;
                }
            }
        }
    }

    /// Time goes by, the clock runs, and all that follows happens.
    pub(crate) async fn wait(&self, time: SignedDuration) {
        self.world.clock.advance(time);
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
        self.settle().await;
    }

    /// Minute by minute, as the clock runs.
    pub(crate) async fn wait_minutes(&self, minutes: u32) {
        for _ in 0..minutes {
            self.wait(SignedDuration::from_mins(1)).await;
        }
    }

    pub(crate) async fn deliveries(&self, told: &Told) -> Vec<WebhookDelivery> {
        let query =
            ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "endpoint", told.id.to_string(), MANY) };
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("deliveries").records
    }

    pub(crate) async fn kept(&self, told: &Told) -> WebhookEndpoint {
        self.world.platform.table().get_to_change(&self.grant, told.id).await.expect("the endpoint")
    }

    pub(crate) async fn health(&self, told: &Told) -> WebhookHealth {
        self.world.platform.table().get_to_change(&self.grant, WebhookHealth::id_of(told.id)).await.expect("its health")
    }

    pub(crate) async fn recovery(&self, id: WebhookRecoveryId) -> WebhookRecovery {
        self.world.platform.table().get_to_change(&self.grant, id).await.expect("the recovery")
    }

    pub(crate) async fn notices(&self) -> Vec<Notification> {
        let query = ListQuery::new(Slot::One, "user", self.admin.user.to_string(), MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("notifications").records
    }

    /// What an endpoint was told.
    pub(crate) fn calls(&self, told: &Told) -> Vec<WebhookCall> {
        self.world.webhooks.calls().into_iter().filter(|call| call.url == told.url).collect()
    }
}

/// The body of a call as JSON.
pub(crate) fn body(call: &WebhookCall) -> Value {
    serde_json::from_str(&call.body).expect("JSON")
}

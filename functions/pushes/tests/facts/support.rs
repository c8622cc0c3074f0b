//! A platform whose people listen.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use domain::{Caller, Grant, Permission, Role};
use events::{StreamEvent, StreamRecord};
use pushes::Pushes;
use serde_json::{Value, json};
use sockets::Sockets;
use standins::Fault;
use standins::sockets::Outgoing;
use store::Ticket;
use testkit::{Ask, Person, Tenant, Trap, World};
use tokio::sync::mpsc::Receiver;

pub(crate) struct Hall {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) leads: Router,
    pub(crate) activities: Router,
    pub(crate) notifications: Router,
    pub(crate) sockets: Sockets,
    pub(crate) pushes: Pushes,
    trap: Trap,
    numbers: AtomicU64,
}

/// Somebody who listens.
pub(crate) struct Ear {
    pub(crate) id: String,
    frames: Receiver<Outgoing>,
}

impl Ear {
    /// What came since the last call; `None` in the place of an end.
    pub(crate) fn all(&mut self) -> Vec<Option<Value>> {
        let mut heard = Vec::new();
        while let Ok(frame) = self.frames.try_recv() {
            heard.push(match frame {
                Outgoing::Text(text) => Some(serde_json::from_slice(&text).expect("JSON")),
                Outgoing::Close => None,
            });
        }
        heard
    }

    /// The frames that came since the last call.
    pub(crate) fn heard(&mut self) -> Vec<Value> {
        self.all().into_iter().flatten().collect()
    }

    /// Their events.
    pub(crate) fn events(&mut self) -> Vec<String> {
        self.heard().iter().map(|frame| frame["event"].as_str().expect("an event").to_owned()).collect()
    }
}

impl Hall {
    pub(crate) async fn new() -> Self {
        Self::in_pages(1_000).await
    }

    /// With so many connections a page.
    pub(crate) async fn in_pages(a_page: u16) -> Self {
        let trap = Trap::default();
        let world = World::with_faults(trap.faults()).await;
        let (tenant, admin) = world.an_admin().await;
        let (leads, activities) = (leads::router(world.app()), activities::router(world.app()));
        let notifications = notifications::router(world.app());
        let sockets = Sockets::new(world.platform.clone());
        let pushes = Pushes::in_pages(world.platform.clone(), a_page);
        let numbers = AtomicU64::new(0);
        let hall = Self { world, tenant, admin, leads, activities, notifications, sockets, pushes, trap, numbers };
        hall.follow().await;
        hall
    }

    /// From now on, this happens at so many writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    pub(crate) async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").allow(Permission::LeadsWrite).expect("may do all")
    }

    /// A connection of somebody's.
    pub(crate) async fn open(&self, person: &Person) -> Ear {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let (id, token) = (format!("connection-{number:03}="), format!("token-{number}"));
        let ticket = Ticket {
            organization: person.claims.org,
            user: person.user,
            session: person.session,
            expires_at: self.world.platform.now() + domain::realtime::TOKEN_LIFE,
        };
        self.world.platform.table().keep_ticket(&token, &ticket).await.expect("a token");
        let frames = self.world.standins.sockets.open(&id);
        let ear = Ear { id, frames };
        let answer = self.event(&ear, "$connect", json!({"queryStringParameters": {"token": token}})).await;
        assert_eq!(answer.status_code, 200);
        ear
    }

    /// One that listens to all its role reaches.
    pub(crate) async fn open_to_all(&self, person: &Person) -> Ear {
        let ear = self.open(person).await;
        assert_eq!(self.say(&ear, json!({"action": "subscribe", "room": "team"})).await["event"], "subscribed");
        ear
    }

    async fn event(&self, ear: &Ear, route: &str, mut more: Value) -> sockets::SocketAnswer {
        more["requestContext"] = json!({
            "routeKey": route, "connectionId": ear.id, "stage": "v1", "connectedAt": 1, "requestTimeEpoch": 1, "requestId": "r",
        });
        self.sockets.handle(&serde_json::from_value(more).expect("an event")).await
    }

    pub(crate) async fn say(&self, ear: &Ear, message: Value) -> Value {
        let answer = self.event(ear, "$default", json!({"body": message.to_string()})).await;
        serde_json::from_str(&answer.body.expect("an answer")).expect("JSON")
    }

    pub(crate) async fn hang_up(&self, ear: &Ear) {
        self.world.standins.sockets.gone(&ear.id);
        self.event(ear, "$disconnect", json!({})).await;
    }

    /// A lead of somebody's, made by the administrator.
    pub(crate) async fn a_lead(&self, owner: &Person) -> String {
        let body = json!({
            "full_name": "Asha Example", "email": format!("{}@example.com", owner.user), "assigned_to": owner.user,
            "custom_fields": {"pan": "ABCPE1234F"},
        });
        let lead = Ask::post("/leads", body).by(&self.admin).of(&self.leads).await.data(201);
        lead["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn change(&self, lead: &str, body: Value) {
        Ask::put(format!("/leads/{lead}"), body).by(&self.admin).of(&self.leads).await.expect(200);
    }

    /// Follows the stream and works through the queue until nothing is left.
    pub(crate) async fn follow(&self) {
        self.hand_over().await;
        self.work().await;
    }

    /// Follows the stream to its end.
    pub(crate) async fn hand_over(&self) {
        loop {
            let records = self.world.stream().await.into_iter();
            let records: Vec<_> =
                records.map(|dynamodb| StreamRecord { event_name: String::new(), dynamodb }).collect();
            if records.is_empty() {
                return;
            }
            let response = events::handle(&self.world.platform, StreamEvent { records }).await;
            assert!(response.batch_item_failures.is_empty(), "{response:?}");
        }
    }

    /// Works through the queue until it is empty.
    pub(crate) async fn work(&self) {
        loop {
            let messages = self.queued().await;
            if messages.is_empty() {
                return;
            }
            for (body, receipt) in messages {
                if self.bring(&[body]).await.is_empty() {
                    self.done(&receipt).await;
                }
            }
        }
    }

    /// What waits in the queue: bodies and receipts.
    pub(crate) async fn queued(&self) -> Vec<(String, String)> {
        let url = self.url();
        let client = self.world.standins.sqs.client();
        let answer = client.receive_message().queue_url(url).max_number_of_messages(10).send().await;
        let messages = answer.ok().and_then(|answer| answer.messages).unwrap_or_default();
        messages
            .into_iter()
            .map(|message| (message.body.unwrap_or_default(), message.receipt_handle.unwrap_or_default()))
            .collect()
    }

    /// A worker that died deletes nothing.
    pub(crate) async fn done(&self, receipt: &str) {
        let client = self.world.standins.sqs.client();
        let _ = client.delete_message().queue_url(self.url()).receipt_handle(receipt).send().await;
    }

    fn url(&self) -> String {
        self.world.platform.settings().realtime_queue.clone().expect("a queue")
    }

    /// Hands pages to a worker; those that came back as failed.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<String> {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(place, body)| json!({"messageId": place.to_string(), "body": body, "attributes": {}, "messageAttributes": {}}))
            .collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let response = self.pushes.handle(event).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

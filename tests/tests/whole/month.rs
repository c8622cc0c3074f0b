//! A month goes by: hour by hour, in leaps, and at once. Every reminder, every delay of an automation, every warning,
//! breach and escalation of a service level comes once and in its order, however the clock runs.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use domain::{Caller, Grant, Lead, LeadId, Role, SlaClock, Slot};
use events::{StreamEvent, StreamRecord};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{ListQuery, StreamImage};
use testkit::{Ask, Person, Tenant, World};

use crate::catalog::HTTP;

const A_MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// An organization, and what happened in it.
struct Floor {
    world: World,
    routers: BTreeMap<&'static str, Router>,
    tenant: Tenant,
    admin: Person,
    agent: Person,
    grant: Grant,
    /// The kinds of the events of clocks and reminders, by their records, in order.
    told: BTreeMap<String, Vec<String>>,
}

impl Floor {
    async fn open() -> Self {
        let world = World::new().await;
        auth::prepare(&world.platform).await.expect("the key can be published");
        let routers = HTTP.iter().map(|function| (function.name, (function.router)(world.app()))).collect();
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let grant = Caller::system(tenant.organization, "test").own();
        let mut floor = Self { world, routers, tenant, admin, agent, grant, told: BTreeMap::new() };
        floor.begin().await;
        floor
    }

    async fn post(&self, function: &str, path: &str, body: Value) -> Value {
        Ask::post(path, body).by(&self.admin).of(&self.routers[function]).await.data(201)
    }

    /// A level, automations, two leads of which one is called, and reminders, one of which comes every week.
    async fn begin(&mut self) {
        let remind = |title: &str| json!([{"type": "create_reminder", "title": title, "due_in_days": 90}]);
        let targets = json!([
            {"target": "first_response", "within": 8 * 3600, "warn_at_percent": 50, "escalations": [
                {"at": "warning", "actions": remind("soon")}, {"after": 0, "actions": remind("late")},
                {"after": 9 * 3600, "actions": remind("a working day late")},
            ]},
            {"target": "resolution", "within": 10 * 86_400, "hours": "around_the_clock", "warn_at_percent": 80,
             "escalations": [{"after": 5 * 86_400, "actions": remind("unsolved")}]},
        ]);
        self.post("automation", "/sla-policies", json!({"name": "Answer soon", "targets": targets})).await;
        let delayed: Vec<Value> = [
            ("a day later", 86_400),
            ("ten days later", 864_000),
            ("three weeks later", 1_814_400),
        ]
        .iter()
        .map(|(title, delay)| json!({"type": "create_reminder", "title": title, "delay": delay, "due_in_days": 90}))
        .collect();
        for (trigger, actions) in
            [("lead_created", json!(delayed)), ("sla_warned", remind("warned")), ("sla_breached", remind("breached"))]
        {
            let body = json!({"name": trigger, "trigger": trigger, "actions": actions});
            self.post("automation", "/automation", body).await;
        }
        self.world.clock.advance(runtime::BELIEVED);
        let lead = |name: &str| json!({"full_name": name, "assigned_to": self.agent.user});
        self.post("leads", "/leads", lead("Asha Example")).await;
        let called = self.post("leads", "/leads", lead("Ravi Example")).await;
        let now = self.world.platform.now();
        for (title, days, repeat) in [("Once", 20, Value::Null), ("Weekly", 1, json!({"every": "weekly"}))] {
            let due = now + SignedDuration::from_hours(24 * days);
            let mut body = json!({"title": title, "due_at": due});
            if !repeat.is_null() {
                body["repeat"] = repeat;
            }
            self.post("activities", "/reminders", body).await;
        }
        self.settle().await;
        self.world.clock.advance(A_MINUTE);
        self.post("activities", "/calls", json!({"lead_id": called["id"], "status": "no_answer"})).await;
        self.settle().await;
    }

    /// The clock runs, until nothing is due any more.
    async fn tick(&mut self) {
        loop {
            tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
            if !self.settle().await {
                return;
            }
        }
    }

    /// What follows is done; whether there was something.
    async fn settle(&mut self) -> bool {
        let mut any = false;
        loop {
            let news = self.world.stream().await;
            let worked = self.work().await;
            if news.is_empty() && !worked {
                return any;
            }
            any = true;
            self.listen(&news);
            for batch in news.chunks(100) {
                let record = |dynamodb: &Value| StreamRecord { event_name: String::new(), dynamodb: dynamodb.clone() };
                let event = StreamEvent { records: batch.iter().map(record).collect() };
                let response = Box::pin(events::handle(&self.world.platform, event)).await;
                assert!(response.batch_item_failures.is_empty());
            }
        }
    }

    fn listen(&mut self, news: &[Value]) {
        let keys = self.world.platform.table().keys();
        for image in news.iter().filter_map(StreamImage::from_stream) {
            let Some(event) = image.new_event(keys) else { continue };
            let event = event.expect("an event");
            if !event.kind.starts_with("sla.") && event.kind != "reminder.due" {
                continue;
            }
            self.told.entry(event.subject).or_default().push(event.kind);
        }
    }

    /// Works through the queue of automations; whether there was something.
    async fn work(&self) -> bool {
        let url = self.world.platform.settings().automations_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let answer = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await;
        let messages = answer.expect("messages").messages.unwrap_or_default();
        for message in &messages {
            let record = json!({"messageId": "1", "body": message.body, "attributes": {}, "messageAttributes": {}});
            let event: SqsEvent = serde_json::from_value(json!({"Records": [record]})).expect("an event");
            let response = Box::pin(automations::handle(&self.world.platform, event)).await;
            assert!(response.batch_item_failures.is_empty());
            let receipt = message.receipt_handle.clone().unwrap_or_default();
            client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("it is done");
        }
        !messages.is_empty()
    }

    /// A month of steps.
    async fn month(&mut self, step: impl Fn(u64) -> SignedDuration) {
        let end = self.world.platform.now() + A_MONTH;
        for number in 0.. {
            let now = self.world.platform.now();
            if now >= end {
                return;
            }
            self.world.clock.advance(step(number).min(end.duration_since(now)));
            self.tick().await;
        }
    }

    /// The clocks of the leads, by lead's name and target: what happened to each, and each moment's delay.
    async fn clocks(&self) -> Vec<(String, Vec<String>, Vec<SignedDuration>)> {
        let table = self.world.platform.table();
        let mut all = Vec::new();
        let query = ListQuery::new(Slot::One, "all", "", std::num::NonZeroU32::MIN.saturating_add(9));
        for lead in table.list::<Lead>(&self.grant, &query, |_| true).await.expect("leads").records {
            for clock in self.of(lead.id).await {
                let late = clock.moments.iter().filter_map(|one| Some(one.passed_at?.duration_since(one.at))).collect();
                let name = format!("{} {}", lead.full_name.as_ref().expect("a name").as_str(), clock.target);
                all.push((name, self.told[&clock.id.to_string()].clone(), late));
            }
        }
        all.sort();
        all
    }

    async fn of(&self, lead: LeadId) -> Vec<SlaClock> {
        let many = std::num::NonZeroU32::MIN.saturating_add(9);
        let query = ListQuery::new(Slot::Two, "lead", lead.to_string(), many);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("clocks").records
    }

    /// The titles of all reminders, and how often each of them was told of as due.
    async fn reminders(&self) -> BTreeMap<String, (usize, usize)> {
        let many = std::num::NonZeroU32::MIN.saturating_add(199);
        let query = ListQuery::new(Slot::One, "all", "", many);
        let table = self.world.platform.table();
        let all = table.list::<domain::Reminder>(&self.grant, &query, |_| true).await.expect("reminders").records;
        let mut titles = BTreeMap::<String, (usize, usize)>::new();
        for reminder in all {
            let due = self.told.get(&reminder.id.to_string()).map_or(0, Vec::len);
            let (made, told) = titles.entry(reminder.title.to_string()).or_default();
            (*made, *told) = (*made + 1, *told + due);
        }
        titles
    }
}

/// What happened to each clock, in order.
fn expected() -> Vec<(String, Vec<String>)> {
    let words = |words: &[&str]| words.iter().map(|word| format!("sla.{word}")).collect::<Vec<_>>();
    let missed = words(&["started", "warned", "escalated", "breached", "escalated", "escalated"]);
    let unsolved = words(&["started", "warned", "breached", "escalated"]);
    vec![
        ("Asha Example first_response".to_owned(), missed),
        ("Asha Example resolution".to_owned(), unsolved.clone()),
        ("Ravi Example first_response".to_owned(), words(&["started", "met"])),
        ("Ravi Example resolution".to_owned(), unsolved),
    ]
}

/// What there is once a month has gone by; a reminder that was missed several times comes once.
fn reminders(weeks: usize) -> BTreeMap<String, (usize, usize)> {
    [
        ("Once", (1, 1)),
        ("Weekly", (weeks + 1, weeks)),
        ("a day later", (2, 0)),
        ("a working day late", (1, 0)),
        ("breached", (3, 0)),
        ("late", (1, 0)),
        ("soon", (1, 0)),
        ("ten days later", (2, 0)),
        ("three weeks later", (2, 0)),
        ("unsolved", (2, 0)),
        ("warned", (3, 0)),
    ]
    .into_iter()
    .map(|(title, counts)| (title.to_owned(), counts))
    .collect()
}

async fn goes_by(step: impl Fn(u64) -> SignedDuration, weeks: usize, latest: SignedDuration) {
    let mut floor = Floor::open().await;
    let began: Timestamp = floor.world.platform.now();
    floor.month(step).await;
    assert_eq!(floor.world.platform.now().duration_since(began), A_MONTH);
    let clocks = floor.clocks().await;
    let told: Vec<(String, Vec<String>)> = clocks.iter().map(|(name, told, _)| (name.clone(), told.clone())).collect();
    assert_eq!(told, expected());
    assert_eq!(floor.reminders().await, reminders(weeks));
    let late = clocks.iter().flat_map(|(_, _, late)| late).max().expect("moments");
    assert!(*late < latest, "{late} late");
    // A clock that runs once more finds nothing, and no other tenant has anything.
    assert!(!floor.settle().await);
    assert_ne!(floor.tenant.organization, domain::OrganizationId::PLATFORM);
}

#[tokio::test]
async fn hour_by_hour() {
    let hour = SignedDuration::from_hours(1);
    goes_by(|_| hour, 5, hour).await;
}

#[tokio::test]
async fn in_leaps_of_hours_and_days() {
    let hours = [1, 7, 24, 3, 100, 11, 48];
    goes_by(
        move |step| SignedDuration::from_hours(hours[usize::try_from(step % 7).expect("few")]),
        5,
        A_MINUTE * 6_001,
    )
    .await;
}

#[tokio::test]
async fn at_once() {
    goes_by(|_| A_MONTH, 1, A_MONTH).await;
}

//! An organization with leads to write to, and all that carries a campaign to them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Mutex;

use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use domain::campaign::CampaignRecipient;
use domain::communication::DeliveryReport;
use domain::lead::{Arrival, LeadDetails};
use domain::outreach::SettingsPatch;
use domain::{
    BranchId, Caller, CampaignId, Communication, CommunicationSettings, CommunicationStatus, Grant, Lead, LeadId,
    LeadPipeline, Reminder, Role, Slot, UserId,
};
use events::{StreamEvent, StreamRecord};
use jiff::SignedDuration;
use messages::Messages;
use serde_json::{Value, json};
use standins::Fault;
use standins::outbox::OutboxMessage;
use store::ListQuery;
use testkit::{Answer, Ask, Person, Tenant, Trap, World};

/// People a page, so that few leads make many pages.
pub(crate) const A_PAGE: u32 = 2;
pub(crate) const MANY: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

pub(crate) struct Press {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
    pub(crate) router: Router,
    messages: Messages,
    trap: Trap,
    news: Mutex<Vec<Value>>,
    /// What queues brought to workers that died.
    left: Mutex<Vec<(Queue, String)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    Launches,
    Messages,
}

impl Press {
    pub(crate) async fn new() -> Self {
        let trap = Trap::default();
        let world = World::with_faults(trap.faults()).await;
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let grant = Caller::system(tenant.organization, "test").own();
        let router = campaigns::router(world.app());
        let messages = Messages::new(world.platform.clone());
        let press = Self {
            world,
            tenant,
            grant,
            admin,
            agent,
            router,
            messages,
            trap,
            news: Mutex::default(),
            left: Mutex::default(),
        };
        press.settings(SettingsPatch { quiet_hours: Some(None), ..SettingsPatch::default() }).await;
        press.settle().await;
        press
    }

    /// From now on, this happens to the planner at so many of its writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
        self.trap.watch(false);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    pub(crate) async fn settings(&self, patch: SettingsPatch) {
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let id = CommunicationSettings::id_of(self.tenant.organization);
        let settings = match table.get_to_change(&self.grant, id).await {
            Ok(settings) => settings,
            Err(_) => CommunicationSettings::new(self.tenant.organization, now),
        };
        let change = settings.update(patch, now).expect("settings");
        table.commit(&self.grant, change).await.expect("settings");
    }

    /// A lead with what of an address and a number it is given.
    pub(crate) async fn a_lead(&self, name: &str, email: bool, phone: bool) -> Lead {
        self.a_lead_in(name, (email, phone), self.tenant.branch, Some(self.agent.user), json!({})).await
    }

    pub(crate) async fn a_lead_in(
        &self,
        name: &str,
        (email, phone): (bool, bool),
        branch: BranchId,
        assigned_to: Option<UserId>,
        custom: Value,
    ) -> Lead {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = LeadPipeline::id_of(self.tenant.organization);
        let pipeline: LeadPipeline = platform.table().get(&self.grant, id).await.expect("a pipeline");
        let number = name.bytes().fold(7_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 100_000);
        let Value::Object(custom) = custom else { panic!("free fields are an object") };
        let details = LeadDetails {
            full_name: Some(name.parse().expect("a name")),
            email: email.then(|| format!("{}@example.com", name.to_lowercase()).parse().expect("an address")),
            phone: phone.then(|| format!("+9198765{number:05}").parse().expect("a number")),
            custom_fields: domain::CustomFields::new(custom).expect("free fields"),
            ..LeadDetails::default()
        };
        let arrival = Arrival {
            id: LeadId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch,
            assigned_to,
            pipeline: &pipeline.pipeline,
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        platform.table().commit(&self.grant, change).await.expect("a lead is created")
    }

    /// So many leads with both an address and a number.
    pub(crate) async fn leads(&self, number: usize) -> Vec<Lead> {
        let mut leads = Vec::new();
        for number in 0..number {
            leads.push(self.a_lead(&format!("Lead{number}"), true, true).await);
        }
        leads
    }

    /// What people are asked to do.
    pub(crate) async fn reminders(&self) -> Vec<Reminder> {
        let query = ListQuery::new(Slot::One, "all", "", MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("reminders").records
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.world.renewed(&self.admin)).of(&self.router).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Ask::get(path)).await.data(200)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Ask::post(path, body)).await
    }

    /// A campaign by e-mail to everybody, with this put over it.
    pub(crate) async fn a_campaign(&self, over: Value) -> String {
        let mut body = json!({
            "name": "Launch", "type": "email", "target_audience": "all", "subject": "Hello {{ lead.first_name }}",
            "content": "Dear {{ lead.name }}, we are excited to announce.",
        });
        for (name, value) in over.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let made = self.post("/campaigns", body).await.data(201);
        made["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn launch(&self, campaign: &str) -> Answer {
        self.post(&format!("/campaigns/{campaign}/launch"), json!({})).await
    }

    /// A campaign that was launched.
    pub(crate) async fn launched(&self, over: Value) -> String {
        let campaign = self.a_campaign(over).await;
        self.launch(&campaign).await.data(200);
        campaign
    }

    pub(crate) async fn stats(&self, campaign: &str) -> Value {
        self.get(&format!("/campaigns/{campaign}/stats")).await
    }

    pub(crate) async fn status(&self, campaign: &str) -> String {
        let campaign = self.get(&format!("/campaigns/{campaign}")).await;
        campaign["status"].as_str().expect("a status").to_owned()
    }

    pub(crate) async fn recipients(&self, campaign: &str) -> Vec<CampaignRecipient> {
        let list = CampaignRecipient::of(campaign.parse().expect("an id"));
        let query = ListQuery::new(list.slot, list.question, list.value, MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("recipients").records
    }

    /// What was said in the name of a campaign.
    pub(crate) async fn said(&self, campaign: &str) -> Vec<Communication> {
        let id: CampaignId = campaign.parse().expect("an id");
        let mut all = Vec::new();
        for branch in [self.tenant.branch, self.tenant.other_branch] {
            let query = ListQuery::new(Slot::Three, "branch", branch.to_string(), MANY);
            let of = |one: &Communication| one.campaign.as_ref().is_some_and(|of| of.id == id);
            all.extend(self.world.platform.table().list(&self.grant, &query, of).await.expect("rows").records);
        }
        all
    }

    /// What went out to leads, by whom it went to.
    pub(crate) fn outbox(&self) -> BTreeMap<String, Vec<OutboxMessage>> {
        let mut out: BTreeMap<String, Vec<OutboxMessage>> = BTreeMap::new();
        for message in self.world.standins.ses.outbox().messages(None, 500).expect("the outbox opens") {
            let to = message.to.join(", ");
            if !to.ends_with("@people.example") {
                out.entry(to).or_default().push(message);
            }
        }
        out
    }

    /// A provider tells of what it carried.
    pub(crate) async fn report(&self, said: &Communication, status: CommunicationStatus) {
        let table = self.world.platform.table();
        let now = self.world.platform.now();
        let one: Communication = table.get_to_change(&self.grant, said.id).await.expect("it is there");
        let failure = (status == CommunicationStatus::Failed).then(|| "bounced".to_owned());
        let Some(change) = one.report(DeliveryReport { status, at: now, failure }, now) else { return };
        table.commit(&self.grant, change).await.expect("it is told");
    }

    async fn follow(&self) -> (bool, usize) {
        let mut news = std::mem::take(&mut *self.news.lock().expect("no test panicked here"));
        news.extend(self.world.stream().await);
        if news.is_empty() {
            return (true, 0);
        }
        let record = |dynamodb: &Value| StreamRecord { event_name: String::new(), dynamodb: dynamodb.clone() };
        let event = StreamEvent { records: news.iter().map(record).collect() };
        let failures = Box::pin(events::handle(&self.world.platform, event)).await.batch_item_failures;
        let number = news.len();
        if failures.is_empty() {
            return (true, number);
        }
        *self.news.lock().expect("no test panicked here") = news;
        (false, number)
    }

    /// Hands bodies to a worker; whether all were dealt with.
    async fn bring(&self, queue: Queue, body: &str) -> bool {
        let records = json!([{"messageId": "0", "body": body, "attributes": {}, "messageAttributes": {}}]);
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let response = match queue {
            Queue::Launches => {
                self.trap.watch(true);
                let response = Box::pin(launches::handle_in_pages(&self.world.platform, event, A_PAGE)).await;
                self.trap.watch(false);
                response
            }
            Queue::Messages => Box::pin(self.messages.handle(event)).await,
        };
        response.batch_item_failures.is_empty()
    }

    /// A step of a campaign comes to a worker.
    pub(crate) async fn step(&self, campaign: &str) -> bool {
        let body = json!({"organization": self.tenant.organization, "work": "go_on", "campaign": campaign});
        self.bring(Queue::Launches, &body.to_string()).await
    }

    /// Works through a queue; how many messages there were.
    async fn work(&self, queue: Queue) -> usize {
        let settings = self.world.platform.settings();
        let url = match queue {
            Queue::Launches => settings.launches_queue.clone(),
            Queue::Messages => settings.messages_queue.clone(),
        };
        let (url, client) = (url.expect("a queue"), self.world.standins.sqs.client());
        let mut number = 0;
        loop {
            let Ok(answer) = client.receive_message().queue_url(&url).max_number_of_messages(1).send().await else {
                return number;
            };
            let Some(message) = answer.messages.unwrap_or_default().pop() else { return number };
            number += 1;
            let body = message.body.unwrap_or_default();
            if self.bring(queue, &body).await {
                let receipt = message.receipt_handle.unwrap_or_default();
                // A worker that died deletes nothing.
                let _ = client.delete_message().queue_url(&url).receipt_handle(receipt).send().await;
            } else {
                // It comes again when it is visible again.
                self.left.lock().expect("no test panicked here").push((queue, body));
            }
        }
    }

    /// Events are followed and queues are worked through until nothing is left, or until something fails.
    pub(crate) async fn settle(&self) {
        loop {
            let (followed, news) = self.follow().await;
            let worked = self.work(Queue::Launches).await + self.work(Queue::Messages).await;
            if !followed || news + worked == 0 {
                return;
            }
        }
    }

    /// What queues brought to workers that died comes again, time goes by, the clock runs, and all that follows happens.
    pub(crate) async fn wait(&self, time: SignedDuration) {
        self.world.clock.advance(time);
        let left = std::mem::take(&mut *self.left.lock().expect("no test panicked here"));
        for (queue, body) in left {
            self.bring(queue, &body).await;
        }
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
        self.settle().await;
    }

    /// So many minutes go by, each with its clock.
    pub(crate) async fn minutes(&self, number: u32) {
        for _ in 0..number {
            self.wait(SignedDuration::from_mins(1)).await;
        }
    }
}

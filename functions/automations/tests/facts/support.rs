//! An organization whose events, queue and clock set automations going.

use std::num::NonZeroU32;
use std::sync::Mutex;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::automation::{
    Conditions, Schedule, Step, TriggerType, WorkflowDetails, WorkflowPatch, WorkflowStatus, WorkflowTemplate, Writing,
};
use domain::call::{CallDetails, Dialling, Held};
use domain::lead::{Arrival, LeadDetails};
use domain::{
    Actor, Authority, Call, CallId, CallOutcome, CallStatus, Caller, CustomFields, Grant, Lead, LeadId, LeadPipeline,
    Membership, Message, Notification, Origin, Permissions, PersonalFields, Plan, Reminder, Role, Rows, SlaPolicy,
    Slot, UserId, Workflow, WorkflowId, WorkflowRun,
};
use events::{StreamEvent, StreamRecord};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Fault;
use store::{CommitError, ListQuery};
use testkit::{Person, Tenant, Trap, World};

pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
    trap: Trap,
    pending: Mutex<Vec<Value>>,
}

pub(crate) const MANY: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

impl Office {
    pub(crate) async fn new() -> Self {
        let trap = Trap::default();
        let world = World::with_faults(trap.faults()).await;
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let grant = Caller::system(tenant.organization, "test").own();
        let office = Self { world, tenant, grant, admin, agent, trap, pending: Mutex::default() };
        office.settle().await;
        office
    }

    /// From now on, this happens at so many writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    /// What a workflow is, as people write it.
    #[expect(clippy::needless_pass_by_value, reason = "tests build the values in place")]
    pub(crate) fn details(trigger: TriggerType, conditions: Value, actions: Value) -> WorkflowDetails {
        let zone = jiff::tz::TimeZone::UTC;
        let steps = actions.as_array().expect("a list").iter();
        WorkflowDetails {
            name: "A workflow".parse().expect("a name"),
            description: None,
            trigger,
            schedule: None,
            conditions: Conditions::read(&conditions, trigger.subject(), &zone).expect("conditions"),
            steps: steps.map(|step| Step::read(step, trigger.subject(), &zone).expect("a step")).collect(),
            status: WorkflowStatus::Active,
            rank: 1,
        }
    }

    pub(crate) fn writing<'z>(&self, rows: Rows, zone: &'z jiff::tz::TimeZone) -> Writing<'z> {
        let now = self.world.platform.now();
        let permissions = Permissions::all();
        Writing { author: self.admin.user, permissions, rows, clear: PersonalFields::ALL, zone, now }
    }

    /// A new workflow; automations that were read before are believed no more.
    pub(crate) async fn write(
        &self,
        details: WorkflowDetails,
        template: Option<WorkflowTemplate>,
        rows: Rows,
    ) -> Workflow {
        let platform = &self.world.platform;
        let id = WorkflowId::at(platform.now(), platform.random());
        let zone = jiff::tz::TimeZone::UTC;
        let writing = self.writing(rows, &zone);
        let change = Workflow::create(id, self.tenant.organization, details, template, &writing).expect("a workflow");
        let workflow = platform.table().commit(&self.grant, change).await.expect("a workflow");
        self.world.clock.advance(runtime::BELIEVED);
        workflow
    }

    pub(crate) async fn on(&self, trigger: TriggerType, conditions: Value, actions: Value) -> Workflow {
        self.write(Self::details(trigger, conditions, actions), None, Rows::All).await
    }

    pub(crate) async fn scheduled(&self, schedule: Value, conditions: Value, actions: Value) -> Workflow {
        let schedule = Some(Schedule::read(&schedule).expect("a schedule"));
        let details = Self::details(TriggerType::Schedule, conditions, actions);
        self.write(WorkflowDetails { schedule, ..details }, None, Rows::All).await
    }

    pub(crate) async fn change(&self, id: WorkflowId, patch: WorkflowPatch) -> Workflow {
        let workflow: Workflow = self.world.platform.table().get_to_change(&self.grant, id).await.expect("it");
        let change = workflow.update(patch, &self.writing(Rows::All, &jiff::tz::TimeZone::UTC)).expect("a change");
        self.world.platform.table().commit(&self.grant, change).await.expect("it changes")
    }

    pub(crate) async fn pipeline(&self) -> LeadPipeline {
        let id = LeadPipeline::id_of(self.tenant.organization);
        self.world.platform.table().get(&self.grant, id).await.expect("a pipeline")
    }

    /// A lead of the agent's with an address and a number.
    pub(crate) async fn a_lead(&self, name: &str, custom: Value) -> Lead {
        self.a_lead_of(name, custom, Some(self.agent.user)).await
    }

    pub(crate) async fn a_lead_of(&self, name: &str, custom: Value, assigned_to: Option<UserId>) -> Lead {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let pipeline = self.pipeline().await;
        let Value::Object(custom) = custom else { panic!("free fields are an object") };
        let number: [u8; 2] = platform.random();
        let details = LeadDetails {
            full_name: Some(name.parse().expect("a name")),
            email: format!("{}@example.com", name.to_lowercase().replace(' ', "_")).parse().ok(),
            phone: format!("+9198765{:05}", u16::from_le_bytes(number)).parse().ok(),
            source: "facebook".parse().ok(),
            custom_fields: CustomFields::new(custom).expect("free fields"),
            ..LeadDetails::default()
        };
        let arrival = Arrival {
            id: LeadId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to,
            pipeline: &pipeline.pipeline,
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        platform.table().commit(&self.grant, change).await.expect("a lead is created")
    }

    /// A call of the agent's with a lead that is over.
    pub(crate) async fn a_call(&self, lead: &Lead, status: CallStatus, outcome: Option<CallOutcome>) -> Call {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let held = Held { started_at: None, ended_at: None, duration_seconds: Some(60) };
        let held = if status == CallStatus::Completed { held } else { Held::default() };
        let details = CallDetails { status: Some(status), outcome, held, ..CallDetails::default() };
        let dialling = Dialling {
            id: CallId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            agent: self.agent.user,
            lead: Some(lead.id),
            now,
        };
        let change = Call::create(details, dialling).expect("a call");
        platform.table().commit(&self.grant, change).await.expect("a call")
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

    /// Hands runs to a worker; those that came back as failed.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<String> {
        let record = |(place, body): (usize, &String)| json!({"messageId": place.to_string(), "body": body, "attributes": {}, "messageAttributes": {}});
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let response = Box::pin(automations::handle(&self.world.platform, event)).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// The message of a run.
    pub(crate) fn message(&self, run: &WorkflowRun) -> String {
        json!({"organization": self.tenant.organization, "run": run.id}).to_string()
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

    /// Works through the queue until it is empty; how many messages there were.
    async fn work(&self) -> usize {
        let url = self.world.platform.settings().automations_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let mut number = 0;
        loop {
            let Ok(answer) = client.receive_message().queue_url(&url).max_number_of_messages(1).send().await else {
                return number;
            };
            let Some(message) = answer.messages.unwrap_or_default().pop() else { return number };
            number += 1;
            if self.bring(&[message.body.unwrap_or_default()]).await.is_empty() {
                let receipt = message.receipt_handle.unwrap_or_default();
                // A worker that died deletes nothing.
                let _ = client.delete_message().queue_url(&url).receipt_handle(receipt).send().await;
            }
        }
    }

    /// Time goes by, the clock runs, and all that follows happens.
    pub(crate) async fn wait(&self, time: SignedDuration) {
        self.world.clock.advance(time);
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
        self.settle().await;
    }

    pub(crate) async fn runs(&self, workflow: &Workflow) -> Vec<WorkflowRun> {
        let query = ListQuery::new(Slot::One, "workflow", workflow.id.to_string(), MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("runs").records
    }

    /// The runs of a service level's escalations.
    pub(crate) async fn runs_of(&self, policy: &SlaPolicy) -> Vec<WorkflowRun> {
        let id = WorkflowId::from_uuid(policy.id.uuid());
        let query = ListQuery::new(Slot::One, "workflow", id.to_string(), MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("runs").records
    }

    /// Whether the clock ran well.
    pub(crate) async fn tick(&self) -> bool {
        tick::handle(&self.world.platform, &Value::Null).await.is_ok()
    }

    /// The proof of the agent, who acts themselves.
    pub(crate) async fn acting(&self) -> Grant {
        let id = Membership::id_of(self.agent.user);
        let member: Membership = self.world.platform.table().get(&self.grant, id).await.expect("a member");
        let authority = Authority::of(&member, None, &[], Plan::Enterprise);
        let actor = Actor::User { id: self.agent.user, session: self.agent.session };
        let origin = Origin { request_id: "request".into(), address: "203.0.113.7".into() };
        Caller::authorized(self.tenant.organization, actor, &authority, origin).own()
    }

    pub(crate) async fn reminders(&self) -> Vec<Reminder> {
        let query = ListQuery::new(Slot::One, "all", "", MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("reminders").records
    }

    pub(crate) async fn messages(&self) -> Vec<Message> {
        let query = ListQuery::new(Slot::One, "all", "", MANY);
        let all = self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("messages").records;
        all.into_iter().filter(|one: &Message| one.communication.is_some()).collect()
    }

    pub(crate) async fn told(&self, user: UserId) -> Vec<Notification> {
        let query = ListQuery::new(Slot::One, "user", user.to_string(), MANY);
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("notifications").records
    }

    pub(crate) async fn lead(&self, id: LeadId) -> Lead {
        self.world.platform.table().get_to_change(&self.grant, id).await.expect("the lead")
    }

    /// Sets who manages the agent.
    pub(crate) async fn manage(&self, manager: UserId) -> Result<(), CommitError> {
        let table = self.world.platform.table();
        let id = Membership::id_of(self.agent.user);
        let before: Membership = table.get_to_change(&self.grant, id).await.expect("a member");
        let after = Membership { manager: Some(manager), ..before.clone() };
        table.commit(&self.grant, domain::Change::update(before, after, "membership.updated")).await.map(drop)
    }
}

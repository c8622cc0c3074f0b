//! `POST /automation/{id}/test`.

use axum::extract::State;
use domain::automation::{
    Conditions, Plan, Seen, Step, StepOutcome, Subject, SubjectKind, TriggerType, Unfit, intend, previous,
};
use domain::filter::Explained;
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::{MoveContext, Pipeline, StageKey};
use domain::{
    Actor, Call, CallId, CustomFields, Event, EventId, FieldChange, FieldInvalid, Grant, Invalid, Lead, LeadId,
    Permission, Record as _, Reminder, ReminderId, Workflow, WorkflowId,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, SignedIn};

use crate::subject::{Named, seen};

/// What an automation is tried with: a record, or one that is made up.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WorkflowTry)]
pub(crate) struct Try {
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<CallId>)]
    call_id: Field<CallId>,
    #[serde(default)]
    #[schema(value_type = Option<ReminderId>)]
    reminder_id: Field<ReminderId>,
    /// A lead that is made up: its fields; others are free fields.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    record: Field<Map<String, Value>>,
    /// What happened: `{"type": "lead.stage_changed", "changes": {"status": {"before": "lead", "after": "meeting"}}}`. The
    /// automation's own trigger where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    event: Field<Map<String, Value>>,
}

impl Fields for Try {
    const WRITES: &'static [&'static str] = &["lead_id", "call_id", "reminder_id", "record", "event"];
}

/// What an automation would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkflowTrace)]
pub(crate) struct Trace {
    /// Whether it would be set going: it fits the event and meets the conditions.
    would_run: bool,
    /// How it stands to the event.
    trigger: TriggerTrace,
    /// Each of its conditions, with what the record holds there.
    conditions: Vec<Explained>,
    /// Each of its actions, as if the ones before had changed nothing.
    actions: Vec<ActionTrace>,
}

/// How an automation stands to an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriggerTrace {
    /// What sets it going.
    #[serde(rename = "type")]
    kind: TriggerType,
    /// What happened, where that was told.
    #[schema(required)]
    event: Option<String>,
    /// Whether it is what it waits for.
    matched: bool,
}

/// What an action would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionTrace {
    /// Which, from 0.
    step: usize,
    /// What it does.
    #[serde(rename = "type")]
    action: &'static str,
    /// When, if it began now.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Each of its conditions, with what the record holds there.
    conditions: Vec<Explained>,
    /// How it would turn out.
    outcome: StepOutcome,
    /// Why it would not be done, as a code.
    #[schema(required)]
    detail: Option<String>,
    /// What would be done.
    #[schema(value_type = Object)]
    would: Value,
}

/// Tells what an automation would do for a record, step by step, and does nothing. Costs 2 to 4 reads.
#[utoipa::path(
    post, path = "/automation/{id}/test", tag = "automation",
    params(("id" = WorkflowId, Path)),
    request_body = Try,
    responses((status = 200, body = Envelope<Trace>)),
)]
pub(crate) async fn automation_test(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    Body(body): Body<Try>,
) -> Result<Data<Trace>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationExecute)?;
    let mut wrong = Vec::new();
    let named = Named::read(body.lead_id, body.call_id, body.reminder_id, &mut wrong);
    let record = body.record.optional("record", &mut wrong);
    let event = body.event.optional("event", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let workflow: Workflow = app.table().get(&grant, id).await?;
    let pipeline = app.pipeline(&grant).await?;
    let (subject, now) = (named.of(workflow.subject())?, app.now());
    let found = match (&subject, record) {
        (Some(subject), _) => seen(&app, &grant, &workflow, subject).await?,
        (None, Some(record)) => made_up(&grant, &workflow, record, &pipeline.pipeline, now)?,
        (None, None) if workflow.trigger == TriggerType::Schedule => Seen::default(),
        (None, None) => {
            return Err(Problem::field(&format!("{}_id", workflow.subject()), Invalid::required()));
        }
    };
    let event = event.map(|event| told(&grant, &event, subject.as_ref(), &workflow, now)).transpose()?;
    let trying = Trying { grant: &grant, workflow: &workflow, found, event, pipeline: &pipeline.pipeline, now };
    Ok(Data(trying.trace()))
}

struct Trying<'a> {
    grant: &'a Grant,
    workflow: &'a Workflow,
    found: Seen,
    event: Option<Event>,
    pipeline: &'a Pipeline,
    now: Timestamp,
}

impl Trying<'_> {
    fn trace(&self) -> Trace {
        let before = self.event.as_ref().map(previous).unwrap_or_default();
        let kind = self.workflow.subject();
        // What the automation sees, and what of it whoever asks may see.
        let view = self.found.view(self.workflow.clear, &before, self.now);
        let shown = self.found.view(self.workflow.clear.and(self.grant.clear()), &before, self.now);
        let matched = self.event.as_ref().is_none_or(|event| self.workflow.trigger.fits(event));
        let met = self.workflow.conditions.met(kind, &view);
        let plan = self.workflow.plan();
        let actions = plan.steps.iter().enumerate();
        Trace {
            would_run: matched && met && self.workflow.is_active(),
            trigger: TriggerTrace {
                kind: self.workflow.trigger,
                event: self.event.as_ref().map(|event| event.kind.clone()),
                matched,
            },
            conditions: explained(&self.workflow.conditions, kind, &view, &shown),
            actions: actions.map(|(place, step)| self.action(&plan, place, step, &view, &shown)).collect(),
        }
    }

    fn action(&self, plan: &Plan, place: usize, step: &Step, view: &Value, shown: &Value) -> ActionTrace {
        let at = self.now + SignedDuration::from_secs(step.delay.into());
        let conditions = explained(&step.conditions, plan.subject, view, shown);
        let (outcome, detail, would) = if step.conditions.met(plan.subject, view) {
            match intend(plan, step, &self.found, shown, at) {
                Ok(intent) => match self.refused(plan, step) {
                    Some(unfit) => (of(&unfit), Some(unfit.code.to_owned()), intent.told(self.grant.clear())),
                    None => (StepOutcome::Done, None, intent.told(self.grant.clear())),
                },
                Err(unfit) => (of(&unfit), Some(unfit.code.to_owned()), Value::Null),
            }
        } else {
            (StepOutcome::Skipped, Some("conditions".to_owned()), Value::Null)
        };
        ActionTrace { step: place, action: step.action.as_str(), at, conditions, outcome, detail, would }
    }

    /// Why the pipeline does not let the lead move, where a step moves it.
    fn refused(&self, plan: &Plan, step: &Step) -> Option<Unfit> {
        let domain::automation::Action::UpdateStatus { status, .. } = &step.action else { return None };
        let lead = self.found.lead.as_ref()?;
        let context = MoveContext { may_skip: plan.may_skip, reason: Some("tried") };
        self.pipeline.transition(&lead.status, status, &context).err().map(|refused| Unfit::new(refused.code()))
    }
}

const fn of(unfit: &Unfit) -> StepOutcome {
    if unfit.needless { StepOutcome::Skipped } else { StepOutcome::Failed }
}

fn explained(conditions: &Conditions, kind: SubjectKind, view: &Value, shown: &Value) -> Vec<Explained> {
    let seen = conditions.explain(kind, shown);
    let parts = conditions.explain(kind, view).into_iter().zip(seen);
    parts.map(|(part, seen)| Explained { value: seen.value, ..part }).collect()
}

/// The event that a body tells of.
fn told(
    grant: &Grant,
    body: &Map<String, Value>,
    subject: Option<&Subject>,
    workflow: &Workflow,
    now: Timestamp,
) -> Result<Event, Problem> {
    let kind = body.get("type").and_then(Value::as_str).filter(|kind| kind.len() <= 100);
    let kind = kind.ok_or_else(|| Problem::field("event.type", Invalid::required()))?.to_owned();
    let changes = body.get("changes").and_then(Value::as_object).cloned().unwrap_or_default();
    let change = |(field, change): (String, Value)| {
        let part = |name: &str| change.get(name).cloned().unwrap_or_default();
        FieldChange { field, before: part("before"), after: part("after") }
    };
    let record = match workflow.subject() {
        SubjectKind::Lead => Lead::KIND,
        SubjectKind::Call => Call::KIND,
        SubjectKind::Reminder => Reminder::KIND,
    };
    Ok(Event {
        id: EventId::at(now, [0; 10]),
        kind,
        organization: grant.organization(),
        record: record.to_owned(),
        subject: subject.map(Subject::id).unwrap_or_default(),
        version: 1,
        at: now,
        actor: Actor::System { name: "test".into() },
        origin: None,
        changes: changes.into_iter().map(change).collect(),
        reason: None,
        data: body.get("data").and_then(Value::as_object).cloned().unwrap_or_default(),
    })
}

/// A lead that is made up of the fields of a body.
fn made_up(
    grant: &Grant,
    workflow: &Workflow,
    mut record: Map<String, Value>,
    pipeline: &Pipeline,
    now: Timestamp,
) -> Result<Seen, Problem> {
    if workflow.subject() != SubjectKind::Lead {
        let invalid = Invalid::new("not_a_lead", "can be made up of leads only: name a record");
        return Err(Problem::field("record", invalid));
    }
    let mut wrong = Vec::new();
    let mut free = match record.shift_remove("custom_fields") {
        Some(Value::Object(free)) => free,
        _ => Map::new(),
    };
    let mut details = LeadDetails {
        full_name: text(&mut record, "full_name", &mut wrong),
        email: text(&mut record, "email", &mut wrong),
        phone: text(&mut record, "phone", &mut wrong),
        external_id: text(&mut record, "external_id", &mut wrong),
        source: text(&mut record, "source", &mut wrong),
        medium: text(&mut record, "medium", &mut wrong),
        campaign: text(&mut record, "campaign", &mut wrong),
        city: text(&mut record, "city", &mut wrong),
        priority: text(&mut record, "priority", &mut wrong),
        ..LeadDetails::default()
    };
    let status: Option<StageKey> = text(&mut record, "status", &mut wrong);
    let score = record.shift_remove("score").and_then(|score| u8::try_from(score.as_u64()?).ok());
    let owner = text(&mut record, "assigned_to", &mut wrong);
    free.extend(record);
    details.custom_fields = CustomFields::new(free).unwrap_or_else(|errors| {
        wrong.extend(errors.into_iter().map(|error| error.within("record")));
        CustomFields::default()
    });
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    details.full_name = details.full_name.or_else(|| "Somebody".parse().ok());
    let arrival = Arrival {
        id: LeadId::at(now, [0; 10]),
        organization: grant.organization(),
        branch: domain::BranchId::at(now, [0; 10]),
        assigned_to: owner,
        pipeline,
        now,
    };
    let mut lead = Lead::create(details, arrival)?.after;
    lead.status = status.unwrap_or(lead.status);
    lead.score = score.unwrap_or(lead.score);
    Ok(Seen::of_lead(lead))
}

fn text<T: std::str::FromStr<Err = Invalid>>(
    record: &mut Map<String, Value>,
    field: &str,
    wrong: &mut Vec<FieldInvalid>,
) -> Option<T> {
    match record.shift_remove(field)? {
        Value::Null => None,
        Value::String(text) => {
            let refuse = |invalid| wrong.push(FieldInvalid::new(format!("record.{field}"), invalid));
            text.parse().map_err(refuse).ok()
        }
        _ => {
            wrong.push(FieldInvalid::new(format!("record.{field}"), Invalid::new("not_text", "must be text")));
            None
        }
    }
}

//! `POST /calls/{id}/end`.

use axum::extract::State;
use domain::call::Ending;
use domain::pipeline::{MoveContext, StageKey};
use domain::reminder::{Remembering, ReminderDetails};
use domain::{
    Call, CallId, CallOutcome, CallStatus, Change, FieldInvalid, Grant, Invalid, Label, Lead, LeadPipeline, Note,
    Permission, Priority, Reminder, ReminderId, ReminderType,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use views::CallView;
use web::{App, Body, Envelope, Field, Fields, FromWire, PathId, Problem, SignedIn, Versioned};

use crate::people::named_lead;

/// Tries against other writers of the same records.
const TRIES: u32 = 8;

/// How a call ended.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CallEnd {
    /// `completed` where they talked, `no_answer` where it rang, `canceled` where it waited, if absent.
    #[serde(default)]
    #[schema(value_type = Option<CallStatus>)]
    status: Field<CallStatus>,
    #[serde(default)]
    #[schema(value_type = Option<CallOutcome>)]
    outcome: Field<CallOutcome>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    notes: Field<Note>,
    /// The stage that the lead goes to, by the pipeline's rules.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    lead_status: Field<String>,
    /// Why, where that move needs a reason.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    reason: Field<Note>,
    /// A reminder to make for whose call it is.
    #[serde(default)]
    #[schema(value_type = Option<FollowUpBody>)]
    follow_up: Field<FollowUp>,
}

/// A reminder that is made when a call ends.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FollowUp)]
pub(crate) struct FollowUpBody {
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required)]
    due_at: Field<Timestamp>,
    /// `Call back` where absent.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    title: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
}

/// What it says.
#[derive(Debug, Clone)]
struct FollowUp(ReminderDetails);

impl FromWire for FollowUp {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let body = if value.is_object() { serde_json::from_value(value).ok() } else { None };
        let why = || vec![FieldInvalid::new("", Invalid::new("not_object", "must be an object"))];
        let FollowUpBody { due_at, title, priority } = body.ok_or_else(why)?;
        let mut wrong = Vec::new();
        let due_at = due_at.required("due_at", &mut wrong);
        let title = title.optional("title", &mut wrong);
        let priority = priority.optional("priority", &mut wrong);
        match due_at {
            Some(due_at) if wrong.is_empty() => {
                let title = title.unwrap_or_else(Reminder::call_back);
                let kind = Some(ReminderType::FollowUp);
                Ok(Self(ReminderDetails { title, description: None, due_at, priority, kind, repeat: None }))
            }
            _ => Err(wrong),
        }
    }
}

impl Fields for CallEnd {
    const WRITES: &'static [&'static str] = &["status", "outcome", "notes", "lead_status", "reason", "follow_up"];
}

/// A move of the call's lead.
struct LeadMove {
    to: StageKey,
    reason: Option<Note>,
    pipeline: LeadPipeline,
}

/// What ends with a call.
struct Wanted {
    ending: Ending,
    lead_status: Option<StageKey>,
    reason: Option<Note>,
    follow_up: Option<ReminderDetails>,
}

impl CallEnd {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let ending = Ending {
            status: self.status.optional("status", w),
            outcome: self.outcome.optional("outcome", w),
            notes: self.notes.optional("notes", w),
            follow_up: None,
        };
        let lead_status = self
            .lead_status
            .optional("lead_status", w)
            .and_then(|text| text.parse().map_err(|invalid| w.push(FieldInvalid::new("lead_status", invalid))).ok());
        let reason = self.reason.optional("reason", w);
        let follow_up = self.follow_up.optional("follow_up", w).map(|FollowUp(details)| details);
        if wrong.is_empty() { Ok(Wanted { ending, lead_status, reason, follow_up }) } else { Err(wrong) }
    }
}

/// Ends a call by our clock, with what came of it, moves its lead and makes a reminder, all in one transaction. Asked
/// again, it answers the same and changes nothing.
#[utoipa::path(
    post, path = "/calls/{id}/end", tag = "calls",
    params(("id" = CallId, Path)),
    request_body = CallEnd,
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_end(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
    Body(body): Body<CallEnd>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsWrite)?;
    let Wanted { mut ending, lead_status, reason, follow_up } = body.parse()?;
    let lead_move = match lead_status {
        Some(to) => {
            signed_in.caller.allow(Permission::LeadsWrite)?;
            Some(LeadMove { to, reason, pipeline: app.pipeline(&grant).await? })
        }
        None => None,
    };
    if follow_up.is_some() {
        signed_in.caller.allow(Permission::RemindersWrite)?;
        ending.follow_up = Some(ReminderId::at(app.now(), app.platform().random()));
    }
    let call = end(&app, &grant, id, &ending, lead_move.as_ref(), follow_up.as_ref()).await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}

async fn end(
    app: &App,
    grant: &Grant,
    id: CallId,
    ending: &Ending,
    lead_move: Option<&LeadMove>,
    follow_up: Option<&ReminderDetails>,
) -> Result<Call, Problem> {
    for _ in 0..TRIES {
        let call: Call = app.table().get_to_change(grant, id).await?;
        if call.status.is_over() {
            return Ok(call);
        }
        let mut transaction = app.table().transaction();
        if let Some(moving) = lead_move
            && let Some(change) = lead_change(app, grant, &call, moving).await?
        {
            transaction.push(grant, change)?;
        }
        if let (Some(details), Some(id)) = (follow_up, ending.follow_up) {
            transaction.push(grant, reminder(&call, details, id, app.now())?)?;
        }
        let ended = call.end(ending.clone(), app.now()).map_err(|refused| Problem::invalid([refused.into()]))?;
        let call = transaction.push(grant, ended)?;
        match transaction.commit().await {
            Ok(()) => return Ok(call),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

/// The reminder that follows a call.
fn reminder(
    call: &Call,
    details: &ReminderDetails,
    id: ReminderId,
    now: Timestamp,
) -> Result<Change<Reminder>, Problem> {
    let remembering = Remembering {
        id,
        organization: call.meta.organization,
        branch: call.branch_id,
        agent: call.agent,
        lead: call.lead_id,
        call: Some(call.id),
        now,
    };
    let made = Reminder::create(details.clone(), remembering);
    made.map_err(|errors| Problem::invalid(errors.into_iter().map(|error| error.under("due_at", "follow_up.due_at"))))
}

/// The move of the call's lead; `None` where it stands there already.
async fn lead_change(
    app: &App,
    grant: &Grant,
    call: &Call,
    LeadMove { to, reason, pipeline }: &LeadMove,
) -> Result<Option<Change<Lead>>, Problem> {
    let Some(lead) = call.lead_id else {
        return Err(Problem::field("lead_status", Invalid::new("no_lead", "needs a call with a lead")));
    };
    let lead = named_lead(app, grant, lead, "lead_status").await?;
    if lead.status == *to {
        return Ok(None);
    }
    let context =
        MoveContext { may_skip: grant.may(Permission::LeadsSkipStage), reason: reason.as_ref().map(Note::as_str) };
    let moved = lead.move_to(to, &context, &pipeline.pipeline, app.now());
    moved.map(Some).map_err(|refused| Problem::invalid([FieldInvalid::from(refused).under("status", "lead_status")]))
}

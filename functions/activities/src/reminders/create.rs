//! `POST /reminders`.

use axum::extract::State;
use domain::reminder::{Remembering, ReminderDetails};
use domain::{
    BranchId, CallId, Change, FieldInvalid, Grant, Label, LeadId, Note, Permission, Priority, Reminder, ReminderId,
    ReminderType, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use views::ReminderView;
use web::members::branch_for;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::RepeatInput;
use super::repeat::RepeatBody;
use crate::people::{agent, named_call, named_lead};

/// A new reminder.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReminderCreate {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<ReminderId>)]
    id: Field<ReminderId>,
    /// Who is told: a user's id, you where absent.
    #[serde(default, rename = "agentId")]
    #[schema(value_type = Option<UserId>)]
    agent: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = Label, required)]
    title: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// The call's where absent.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<CallId>)]
    call_id: Field<CallId>,
    /// Where it belongs where it is about no lead and no call: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required)]
    due_at: Field<Timestamp>,
    /// `normal` where absent.
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    /// `follow_up` where it is about a lead, else `general`.
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<ReminderType>)]
    kind: Field<ReminderType>,
    /// How it comes again: an object, or `daily`, `weekly` or `monthly` alone.
    #[serde(default)]
    #[schema(value_type = Option<RepeatBody>)]
    repeat: Field<RepeatInput>,
}

impl Fields for ReminderCreate {
    const WRITES: &'static [&'static str] = &[
        "id",
        "agentId",
        "title",
        "description",
        "lead_id",
        "call_id",
        "branch_id",
        "due_at",
        "priority",
        "type",
        "repeat",
    ];
    const READ_ONLY: &'static [&'static str] =
        &["status", "next_id", "completed_at", "notified_at", "overdue_at", "created_at", "updated_at", "version"];
}

struct Wanted {
    id: Option<ReminderId>,
    agent: Option<UserId>,
    lead: Option<LeadId>,
    call: Option<CallId>,
    branch: Option<BranchId>,
    details: ReminderDetails,
}

impl ReminderCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let id = self.id.optional("id", w);
        let agent = self.agent.optional("agentId", w);
        let lead = self.lead_id.optional("lead_id", w);
        let call = self.call_id.optional("call_id", w);
        let branch = self.branch_id.optional("branch_id", w);
        let title = self.title.required("title", w);
        let description = self.description.optional("description", w);
        let due_at = self.due_at.required("due_at", w);
        let priority = self.priority.optional("priority", w);
        let kind = self.kind.optional("type", w);
        let repeat = self.repeat.optional("repeat", w);
        let repeat = match (repeat, due_at) {
            (Some(repeat), Some(due_at)) => repeat.from(due_at).map_err(|error| w.push(error)).ok(),
            _ => None,
        };
        match (title, due_at) {
            (Some(title), Some(due_at)) if wrong.is_empty() => {
                let details = ReminderDetails { title, description, due_at, priority, kind, repeat };
                Ok(Wanted { id, agent, lead, call, branch, details })
            }
            _ => Err(wrong),
        }
    }
}

/// Creates a reminder. Costs 1 transaction, and 1 read each for a lead, for a call and for somebody else who is told.
#[utoipa::path(
    post, path = "/reminders", tag = "reminders",
    request_body = ReminderCreate,
    responses((status = 201, body = Envelope<ReminderView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn reminder_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<ReminderCreate>,
) -> Result<Created<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let change = remembered(&app, &signed_in, &grant, body).await?;
    let reminder = app.table().commit(&grant, change).await?;
    let (version, location) = (reminder.meta.version, format!("/reminders/{}", reminder.id));
    Ok(Created { data: reminder.into(), location, version })
}

/// A new reminder as a body asks for it.
pub(super) async fn remembered(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    body: ReminderCreate,
) -> Result<Change<Reminder>, Problem> {
    let Wanted { id, agent: named, lead, call, branch, details } = body.parse()?;
    let agent = agent(app, grant, signed_in, named).await?;
    let call = match call {
        Some(call) => Some(named_call(app, grant, call).await?),
        None => None,
    };
    let lead = lead.or(call.as_ref().and_then(|call| call.lead_id));
    let branch = match (lead, &call) {
        (Some(lead), _) => named_lead(app, grant, lead, "lead_id").await?.branch_id,
        (None, Some(call)) => call.branch_id,
        (None, None) => branch_for(app, grant, signed_in, branch).await?,
    };
    let now = app.now();
    let remembering = Remembering {
        id: id.unwrap_or_else(|| ReminderId::at(now, app.platform().random())),
        organization: grant.organization(),
        branch,
        agent,
        lead,
        call: call.map(|call| call.id),
        now,
    };
    Ok(Reminder::create(details, remembering)?)
}

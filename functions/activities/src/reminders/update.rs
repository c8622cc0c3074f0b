//! `PUT /reminders/{id}`.

use axum::extract::State;
use domain::reminder::ReminderPatch;
use domain::{
    FieldInvalid, Grant, Label, LeadId, Note, Permission, Priority, Reminder, ReminderId, ReminderStatus, ReminderType,
    UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use views::ReminderView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::repeat::RepeatBody;
use super::{RepeatInput, followed};
use crate::people::{agent, named_lead};

/// A merge update: a field that is absent stays, `null` clears it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReminderUpdate {
    #[serde(default, rename = "agentId")]
    #[schema(value_type = Option<UserId>)]
    agent: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    title: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// The reminder goes to the lead's branch.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// It is told of again then, and its repeat counts from it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Field<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<ReminderType>)]
    kind: Field<ReminderType>,
    /// `completed` does what `/complete` does; `pending` reopens it.
    #[serde(default)]
    #[schema(value_type = Option<ReminderStatus>)]
    status: Field<ReminderStatus>,
    #[serde(default)]
    #[schema(value_type = Option<RepeatBody>)]
    repeat: Field<RepeatInput>,
}

impl Fields for ReminderUpdate {
    const WRITES: &'static [&'static str] =
        &["agentId", "title", "description", "lead_id", "due_at", "priority", "type", "status", "repeat"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "branch_id",
        "call_id",
        "next_id",
        "completed_at",
        "notified_at",
        "overdue_at",
        "created_at",
        "updated_at",
        "version",
    ];
}

/// What a body changes, before the people and the lead it names are looked for.
struct Wanted {
    agent: Option<UserId>,
    lead: Option<Option<LeadId>>,
    repeat: Option<Option<RepeatInput>>,
    patch: ReminderPatch,
}

impl ReminderUpdate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let wanted = Wanted {
            agent: self.agent.replaced("agentId", w),
            lead: self.lead_id.patch("lead_id", w),
            repeat: self.repeat.patch("repeat", w),
            patch: ReminderPatch {
                agent: None,
                lead: None,
                repeat: None,
                title: self.title.replaced("title", w),
                description: self.description.patch("description", w),
                due_at: self.due_at.replaced("due_at", w),
                priority: self.priority.patch("priority", w),
                kind: self.kind.replaced("type", w),
                status: self.status.replaced("status", w),
            },
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }

    /// What it changes, with the people and the lead it names: 1 read for each.
    pub(super) async fn asked(self, app: &App, signed_in: &SignedIn, grant: &Grant) -> Result<Asked, Problem> {
        let Wanted { agent: named, lead, repeat, mut patch } = self.parse()?;
        if named.is_some() {
            patch.agent = Some(agent(app, grant, signed_in, named).await?);
        }
        patch.lead = match lead {
            Some(Some(lead)) => {
                let lead = named_lead(app, grant, lead, "lead_id").await?;
                Some(Some((lead.id, lead.branch_id)))
            }
            Some(None) => Some(None),
            None => None,
        };
        Ok(Asked { patch, repeat })
    }
}

/// What a body changes; how a reminder comes again counts from when it is due, so that is known with the reminder only.
pub(super) struct Asked {
    patch: ReminderPatch,
    repeat: Option<Option<RepeatInput>>,
}

impl Asked {
    /// The fields it writes.
    pub(super) fn writing(&self) -> Vec<&'static str> {
        let mut writing = self.patch.writing();
        writing.extend(self.repeat.map(|_| "repeat"));
        writing
    }

    /// What it changes of this reminder.
    pub(super) fn patch_of(&self, reminder: &Reminder) -> Result<ReminderPatch, Problem> {
        let first = self.patch.due_at.unwrap_or(reminder.due_at);
        let repeat = match self.repeat {
            Some(Some(repeat)) => Some(Some(repeat.from(first).map_err(|error| Problem::invalid([error]))?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(ReminderPatch { repeat, ..self.patch.clone() })
    }
}

/// Changes a reminder. With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/reminders/{id}", tag = "reminders",
    params(("id" = ReminderId, Path)),
    request_body = ReminderUpdate,
    responses((status = 200, body = Envelope<ReminderView>, headers(("ETag" = String)))),
)]
pub(crate) async fn reminder_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
    if_match: IfMatch,
    Body(body): Body<ReminderUpdate>,
) -> Result<Versioned<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let asked = body.asked(&app, &signed_in, &grant).await?;
    let zone = app.organization(&grant).await?.time_zone();
    let (now, next) = (app.now(), ReminderId::at(app.now(), app.platform().random()));
    let reminder = followed(&app, &grant, id, if_match, &asked.writing(), |reminder: Reminder| {
        let patch = asked.patch_of(&reminder)?;
        Ok(reminder.update(patch, next, &zone, now)?)
    })
    .await?;
    let version = reminder.meta.version;
    Ok(Versioned(reminder.into(), version))
}

//! Reminders: of a lead, of a call, or of anything.

pub(crate) mod by_agent;
pub(crate) mod complete;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod due_soon;
pub(crate) mod list;
pub(crate) mod overdue;
pub(crate) mod restore;
pub(crate) mod snooze;
pub(crate) mod update;
pub(crate) mod view;

mod repeat;

use domain::filter::{FieldType, Fields};
use domain::reminder::Completed;
use domain::{
    BranchId, CallId, FieldInvalid, Grant, Label, LeadId, Meta, Note, Priority, Reminder, ReminderId, ReminderStatus,
    ReminderType, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, IfMatch, Problem, Sort, refuse_changed};

use crate::asked::{Kind, word};

pub(crate) use repeat::{RepeatInput, RepeatView};

/// Tries against other writers of the same reminder.
const TRIES: u32 = 8;

/// How reminders are asked for.
pub(crate) const KIND: Kind = Kind {
    fields: Fields::new(&[
        ("agentId", FieldType::Id),
        ("branch_id", FieldType::Id),
        ("call_id", FieldType::Id),
        ("completed_at", FieldType::Timestamp),
        ("created_at", FieldType::Timestamp),
        ("due_at", FieldType::Timestamp),
        ("lead_id", FieldType::Id),
        ("notified_at", FieldType::Timestamp),
        ("priority", FieldType::Text),
        ("status", FieldType::Text),
        ("type", FieldType::Text),
        ("updated_at", FieldType::Timestamp),
    ]),
    words: &[("priority", word::<Priority>), ("status", word::<ReminderStatus>), ("type", word::<ReminderType>)],
    statuses: Some(&["pending", "completed", "cancelled"]),
    sort: Sort { by: "due_at", newest_first: false },
};

/// A reminder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reminder)]
pub(crate) struct ReminderView {
    /// Its id.
    id: ReminderId,
    /// Who is told: a user's id.
    #[serde(rename = "agentId")]
    agent: UserId,
    /// The branch it belongs to.
    branch_id: BranchId,
    /// What of, in a few words.
    title: Label,
    /// And in more.
    #[schema(required)]
    description: Option<Note>,
    /// The lead it is about.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// The call that it follows.
    #[schema(required)]
    call_id: Option<CallId>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// How urgent it is.
    priority: Priority,
    /// What it is for.
    #[serde(rename = "type")]
    kind: ReminderType,
    /// Where it stands.
    status: ReminderStatus,
    /// How it comes again.
    #[schema(required)]
    repeat: Option<RepeatView>,
    /// The one that comes after it, once it is made.
    #[schema(required)]
    next_id: Option<ReminderId>,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    completed_at: Option<Timestamp>,
    /// When it was told that it is due.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    notified_at: Option<Timestamp>,
    /// When it was told that it is overdue: a quarter of an hour later, where it was still to be done.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    overdue_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<Reminder> for ReminderView {
    fn from(reminder: Reminder) -> Self {
        let Reminder {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            agent,
            title,
            description,
            lead_id,
            call_id,
            due_at,
            priority,
            kind,
            status,
            repeat,
            next_id,
            completed_at,
            notified_at,
            overdue_at,
            chain: _,
        } = reminder;
        Self {
            id,
            agent,
            branch_id,
            title,
            description,
            lead_id,
            call_id,
            due_at,
            priority,
            kind,
            status,
            repeat: repeat.map(RepeatView::from),
            next_id,
            completed_at,
            notified_at,
            overdue_at,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Changes a reminder by a decision that may make the one that comes after it, both in one transaction; again where
/// somebody else was faster. A decision that changes nothing writes nothing. 1 read, 1 transaction.
async fn followed(
    app: &App,
    grant: &Grant,
    id: ReminderId,
    if_match: IfMatch,
    fields: &[&str],
    decide: impl Fn(Reminder) -> Result<Completed, Problem>,
) -> Result<Reminder, Problem> {
    for _ in 0..TRIES {
        let reminder: Reminder = app.table().get_to_change(grant, id).await?;
        refuse_changed(app, grant, &reminder, if_match, fields).await?;
        let Completed { change, next } = decide(reminder.clone())?;
        if change.changes().is_empty() {
            return Ok(reminder);
        }
        let mut transaction = app.table().transaction();
        let reminder = transaction.push(grant, change)?;
        if let Some(next) = next {
            transaction.push(grant, next)?;
        }
        match transaction.commit().await {
            Ok(()) => return Ok(reminder),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

/// A refusal at a field.
fn at(field: &'static str) -> impl Fn(domain::Invalid) -> Problem {
    move |invalid| Problem::invalid([FieldInvalid::new(field, invalid)])
}

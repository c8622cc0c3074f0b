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
pub(crate) mod sync;
pub(crate) mod update;
pub(crate) mod view;

mod repeat;

use domain::filter::{FieldType, Fields};
use domain::reminder::Completed;
use domain::{FieldInvalid, Grant, Priority, Reminder, ReminderId, ReminderStatus, ReminderType};
use store::{CommitError, Refused};
use web::{App, IfMatch, Problem, Sort, refuse_changed};

use crate::asked::{Kind, word};

pub(crate) use repeat::RepeatInput;

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

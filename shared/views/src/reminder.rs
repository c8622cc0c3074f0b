//! How a reminder looks from outside.

use domain::reminder::{Repeat, RepeatEvery};
use domain::{
    BranchId, CallId, Label, LeadId, Meta, Note, Priority, Reminder, ReminderId, ReminderStatus, ReminderType, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A reminder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reminder)]
pub struct ReminderView {
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

/// How a reminder comes again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Repeat)]
pub struct RepeatView {
    /// What is counted.
    every: RepeatEvery,
    /// How many of them lie between two.
    interval: u32,
    /// None comes after this moment.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    until: Option<Timestamp>,
}

impl From<Repeat> for RepeatView {
    fn from(repeat: Repeat) -> Self {
        Self { every: repeat.every(), interval: repeat.interval(), until: repeat.until() }
    }
}

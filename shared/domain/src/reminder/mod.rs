//! A reminder: what a person wants to be told of at a time.

mod repeat;
mod steps;
mod update;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use repeat::{Repeat, RepeatEvery};
pub use steps::{CameDue, Completed};
pub use update::ReminderPatch;

use crate::automation::Link;
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, CallId, Change, Count, Counted, FieldInvalid, Label, LeadId, Note, OrganizationId, Priority, ReminderId,
    UserId, plannable,
};

/// The figure of reminders that were completed, a day, by `on_time` and `late`, of the branch and of the person.
pub const REMINDERS: &str = "reminders";
/// A reminder that is still to be done so long after it was told is overdue.
pub const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Reminders that were completed on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindersCounted {
    /// The day, in UTC.
    pub day: Date,
    /// Whether that was after they were due.
    pub late: bool,
    /// How many.
    pub number: u64,
}

impl Counted for RemindersCounted {
    const METRIC: &'static str = REMINDERS;

    fn read(day: Date, dimension: &str, number: u64, _: &BTreeMap<String, u64>) -> Option<Self> {
        let late = match dimension {
            "on_time" => false,
            "late" => true,
            _ => return None,
        };
        Some(Self { day, late, number })
    }
}

wire_enum! {
    /// Where a reminder stands.
    ReminderStatus, "unknown_reminder_status",
    /// It is still to be done.
    Pending = "pending",
    /// It was done.
    Completed = "completed",
    /// It is no more to be done.
    Cancelled = "cancelled",
}

wire_enum! {
    /// What a reminder is for.
    ReminderType, "unknown_reminder_type",
    /// Anything.
    General = "general",
    /// Getting back to somebody.
    FollowUp = "follow_up",
    /// A call.
    Call = "call",
    /// A meeting.
    Meeting = "meeting",
    /// Something to do.
    Task = "task",
}

/// What a person wants to be told of at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ReminderId,
    /// The branch it belongs to.
    pub branch_id: BranchId,
    /// Who is told.
    #[serde(rename = "agentId")]
    pub agent: UserId,
    /// What of, in a few words.
    pub title: Label,
    /// And in more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// The lead it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// The call that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// When.
    pub due_at: Timestamp,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: ReminderType,
    /// Where it stands.
    pub status: ReminderStatus,
    /// How it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// The one that comes after it, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_id: Option<ReminderId>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// When it was told that it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
    /// When it was told that it is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_at: Option<Timestamp>,
    /// The automations that led to it, where it was one that made it: what comes of it belongs to their chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Link>,
}

/// What is told of a new reminder.
#[derive(Debug, Clone, PartialEq)]
pub struct ReminderDetails {
    /// What of, in a few words.
    pub title: Label,
    /// And in more.
    pub description: Option<Note>,
    /// When.
    pub due_at: Timestamp,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// What it is for; a follow-up where it is about a lead.
    pub kind: Option<ReminderType>,
    /// How it comes again.
    pub repeat: Option<Repeat>,
}

/// Where a new reminder belongs.
#[derive(Debug, Clone, Copy)]
pub struct Remembering {
    /// The id it gets.
    pub id: ReminderId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Who is told.
    pub agent: UserId,
    /// The lead it is about.
    pub lead: Option<LeadId>,
    /// The call that it follows.
    pub call: Option<CallId>,
    /// Now.
    pub now: Timestamp,
}

impl Reminder {
    /// A new one.
    pub fn create(details: ReminderDetails, remembering: Remembering) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let ReminderDetails { title, description, due_at, priority, kind, repeat } = details;
        let Remembering { id, organization, branch, agent, lead, call, now } = remembering;
        plannable(due_at, now).map_err(|invalid| vec![FieldInvalid::new("due_at", invalid)])?;
        let usual = if lead.is_some() { ReminderType::FollowUp } else { ReminderType::General };
        let reminder = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            agent,
            title,
            description,
            lead_id: lead,
            call_id: call,
            due_at,
            priority: priority.unwrap_or_default(),
            kind: kind.unwrap_or(usual),
            status: ReminderStatus::Pending,
            repeat,
            next_id: None,
            completed_at: None,
            notified_at: None,
            overdue_at: None,
            chain: Vec::new(),
        };
        Ok(Change::create(reminder, "reminder.created"))
    }

    /// What a reminder of a call says where nobody says more.
    pub fn call_back() -> Label {
        Label::known("Call back")
    }

    /// What a reminder of a note says; what the note says is not everybody's to read.
    pub fn of_a_note() -> Label {
        Label::known("Look at your note")
    }

    /// Whether it is still to be done.
    pub fn is_pending(&self) -> bool {
        self.status == ReminderStatus::Pending
    }

    /// The value of the list of a person's reminders that stand somewhere.
    pub fn agent_status(agent: UserId, status: ReminderStatus) -> String {
        format!("{agent}#{status}")
    }

    /// The figures that it is counted in: those of the day it was done.
    fn figures(&self) -> Vec<Count> {
        let (Some(completed_at), None) = (self.completed_at, self.meta.deleted_at) else { return Vec::new() };
        let how = if completed_at > self.due_at { "late" } else { "on_time" };
        vec![Count::daily(REMINDERS, Some(self.branch_id), completed_at, how).of(Some(self.agent))]
    }

    /// A change of it with the steps of its figures.
    fn changed(self, after: Self, kind: &'static str) -> Change<Self> {
        let steps = Count::steps(self.figures(), after.figures());
        Change::update(self, after, kind).counting(steps)
    }
}

impl Record for Reminder {
    const KIND: &'static str = "reminder";
    type Id = ReminderId;

    fn id(&self) -> ReminderId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        Some(self.agent)
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![
            List::new(Slot::One, "all", ""),
            List::new(Slot::Two, "agent", Self::agent_status(self.agent, self.status)),
        ];
        lists.extend(self.lead_id.map(|lead| List::new(Slot::Three, "lead", lead)));
        lists
    }
    fn all_of(agent: UserId) -> Vec<List> {
        let of = |status: &ReminderStatus| List::new(Slot::Two, "agent", Self::agent_status(agent, *status));
        ReminderStatus::ALL.iter().map(of).collect()
    }
    fn order(&self) -> Timestamp {
        self.due_at
    }
    fn due(&self) -> Option<Timestamp> {
        match (self.notified_at, self.overdue_at) {
            _ if !self.is_pending() => None,
            (None, _) => Some(self.due_at),
            (Some(told), None) => Some(told.max(self.due_at) + OVERDUE_AFTER),
            (Some(_), Some(_)) => None,
        }
    }
    /// People write names and numbers into both.
    const SEALED: &'static [&'static str] = &["title", "description"];
    const DERIVED: &'static [&'static str] = &["chain"];
}

#[cfg(test)]
mod tests;

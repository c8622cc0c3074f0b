//! What a reminder says is changed.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Completed, Reminder, ReminderStatus, ReminderType, Repeat};
use crate::{BranchId, FieldInvalid, Label, LeadId, Note, Priority, ReminderId, UserId, plannable};

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct ReminderPatch {
    /// Who is told.
    pub agent: Option<UserId>,
    /// What of, in a few words.
    pub title: Option<Label>,
    /// And in more.
    pub description: Option<Option<Note>>,
    /// The lead it is about, and that lead's branch.
    pub lead: Option<Option<(LeadId, BranchId)>>,
    /// When; the repeat counts from it.
    pub due_at: Option<Timestamp>,
    /// How urgent it is; cleared means normal.
    pub priority: Option<Option<Priority>>,
    /// What it is for.
    pub kind: Option<ReminderType>,
    /// Where it stands.
    pub status: Option<ReminderStatus>,
    /// How it comes again.
    pub repeat: Option<Option<Repeat>>,
}

impl ReminderPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self { agent, title, description, lead, due_at, priority, kind, status, repeat } = self;
        [
            ("agentId", agent.is_some()),
            ("title", title.is_some()),
            ("description", description.is_some()),
            ("lead_id", lead.is_some()),
            ("due_at", due_at.is_some()),
            ("priority", priority.is_some()),
            ("type", kind.is_some()),
            ("status", status.is_some()),
            ("repeat", repeat.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }

    /// What is left of it without these fields; `repeat.x` is a part of how it comes again.
    #[must_use]
    pub fn without<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        for field in fields {
            match field {
                "agentId" => self.agent = None,
                "title" => self.title = None,
                "description" => self.description = None,
                "lead_id" => self.lead = None,
                "due_at" => self.due_at = None,
                "priority" => self.priority = None,
                "type" => self.kind = None,
                "status" => self.status = None,
                _ if field == "repeat" || field.starts_with("repeat.") => self.repeat = None,
                _ => {}
            }
        }
        self
    }
}

impl Reminder {
    /// Changes what it says. With another time it is told of again; completed by its status, it is followed as by
    /// [`complete`](Self::complete).
    pub fn update(
        self,
        patch: ReminderPatch,
        next: ReminderId,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Completed, Vec<FieldInvalid>> {
        let ReminderPatch { agent, title, description, lead, due_at, priority, kind, status, repeat } = patch;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.agent = agent.unwrap_or(after.agent);
        after.title = title.unwrap_or(after.title);
        after.description = description.unwrap_or(after.description);
        if let Some(lead) = lead {
            after.lead_id = lead.map(|(lead, _)| lead);
            after.branch_id = lead.map_or(after.branch_id, |(_, branch)| branch);
        }
        after.priority = priority.map_or(after.priority, Option::unwrap_or_default);
        after.kind = kind.unwrap_or(after.kind);
        after.repeat = repeat.unwrap_or(after.repeat);
        if let Some(due_at) = due_at.filter(|due_at| *due_at != after.due_at) {
            plannable(due_at, now).map_err(|invalid| vec![FieldInvalid::new("due_at", invalid)])?;
            after.due_at = due_at;
            (after.notified_at, after.overdue_at) = (None, None);
        }
        if due_at.is_some() || repeat.is_some() {
            after.repeat = after.repeat.map(|repeat| repeat.from(after.due_at));
        }
        match status.filter(|status| *status != after.status) {
            None => Ok(Completed { change: self.changed(after, "reminder.updated"), next: None }),
            Some(ReminderStatus::Completed) => {
                after.status = ReminderStatus::Completed;
                after.completed_at = Some(now);
                Ok(self.followed(after, "reminder.completed", next, zone, now))
            }
            Some(status) => {
                after.status = status;
                after.completed_at = None;
                let kind = if status == ReminderStatus::Cancelled { "reminder.cancelled" } else { "reminder.reopened" };
                Ok(Completed { change: self.changed(after, kind), next: None })
            }
        }
    }
}

//! A reminder is due, put off, done; it goes and comes back.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Reminder, ReminderStatus};
use crate::record::Meta;
use crate::{Change, Invalid, ReminderId, plannable};

/// A reminder that was done, and the one that comes after it, to be committed together.
#[derive(Debug, Clone)]
pub struct Completed {
    /// It.
    pub change: Change<Reminder>,
    /// The one after it.
    pub next: Option<Change<Reminder>>,
}

/// A reminder that it was time for, and the one that comes after it, to be committed together.
pub type CameDue = Completed;

impl Reminder {
    /// The time has come: whoever follows events tells its person. The one that comes after it is made, if it was not
    /// made before.
    pub fn came_due(self, next: ReminderId, zone: &TimeZone, now: Timestamp) -> CameDue {
        let mut after = self.clone();
        after.notified_at = Some(now);
        let data = (self.agent, self.lead_id, self.priority);
        let chain = self.chain.clone();
        let CameDue { change, next } = self.followed(after, "reminder.due", next, zone, now);
        let change = change.with("agentId", data.0).with("lead_id", data.1).with("priority", data.2).caused_by(chain);
        CameDue { change, next }
    }

    /// It was told, and is still to be done: said once, to whoever follows events.
    pub fn overdue(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.overdue_at = Some(now);
        after.meta.updated_at = now;
        let (chain, lead) = (self.chain.clone(), self.lead_id);
        let change = self.changed(after, "reminder.overdue");
        change.with("lead_id", lead).caused_by(chain)
    }

    /// It is done. One that was done before stays as it is; one that was cancelled is not done.
    pub fn complete(self, next: ReminderId, zone: &TimeZone, now: Timestamp) -> Result<Completed, Invalid> {
        let mut after = self.clone();
        match self.status {
            ReminderStatus::Completed => {
                return Ok(Completed { change: self.changed(after, "reminder.completed"), next: None });
            }
            ReminderStatus::Cancelled => {
                return Err(Invalid::new("not_pending", "is of a reminder that was cancelled"));
            }
            ReminderStatus::Pending => {}
        }
        after.status = ReminderStatus::Completed;
        after.completed_at = Some(now);
        Ok(self.followed(after, "reminder.completed", next, zone, now))
    }

    /// Put off to a later time: it is told of again then.
    pub fn snooze(self, until: Timestamp, now: Timestamp) -> Result<Change<Self>, Invalid> {
        if !self.is_pending() {
            return Err(Invalid::new("not_pending", "is of a reminder that is over"));
        }
        if until <= now.max(self.due_at) {
            return Err(Invalid::new("too_early", "must be later than now and than it is due"));
        }
        plannable(until, now)?;
        let mut after = self.clone();
        after.due_at = until;
        (after.notified_at, after.overdue_at) = (None, None);
        after.meta.updated_at = now;
        Ok(self.changed(after, "reminder.snoozed"))
    }

    /// Deletes it softly: none comes after it, and it is counted no more.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        let after = Change::delete(self.clone(), now, "reminder.deleted").after;
        self.changed(after, "reminder.deleted")
    }

    /// Brings it back.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        let after = Change::restore(self.clone(), now, "reminder.restored").after;
        self.changed(after, "reminder.restored")
    }

    /// The change, with the one that comes after it where there shall be one and is none yet.
    pub(super) fn followed(
        self,
        mut after: Self,
        kind: &'static str,
        next: ReminderId,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Completed {
        after.meta.updated_at = now;
        let unmade = after.repeat.filter(|_| after.next_id.is_none());
        // Whatever was missed meanwhile does not come in a heap.
        let due_at = unmade.and_then(|repeat| repeat.next_after(after.due_at.max(now), zone));
        let following = due_at.map(|due_at| {
            after.next_id = Some(next);
            let following = Self {
                meta: Meta::new(after.meta.organization, now),
                id: next,
                due_at,
                status: ReminderStatus::Pending,
                next_id: None,
                completed_at: None,
                notified_at: None,
                overdue_at: None,
                ..after.clone()
            };
            Change::create(following, "reminder.created").with("after", after.id)
        });
        Completed { change: self.changed(after, kind), next: following }
    }
}

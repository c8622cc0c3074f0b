//! A call begins, ends, goes and comes back.

use jiff::Timestamp;

use super::{Call, CallOutcome, CallStatus};
use crate::{Change, FieldInvalid, Invalid, Note, ReminderId};

/// A step that a call's status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call that is {from} cannot become {to}")]
pub struct StepRefused {
    /// Where it stands.
    pub from: CallStatus,
    /// Where it was to go.
    pub to: CallStatus,
}

impl From<StepRefused> for FieldInvalid {
    fn from(refused: StepRefused) -> Self {
        Self::new("status", Invalid::new("illegal_transition", refused.to_string()))
    }
}

/// How a call ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// As what; told by where it stands where nobody says it.
    pub status: Option<CallStatus>,
    /// What came of it.
    pub outcome: Option<CallOutcome>,
    /// What was said.
    pub notes: Option<Note>,
    /// The reminder that is made with it.
    pub follow_up: Option<ReminderId>,
}

impl Call {
    /// Goes where it may go from here; by our clock it begins and ends.
    pub(super) fn go(&mut self, to: CallStatus, now: Timestamp) -> Result<(), StepRefused> {
        if !self.status.allows(to) {
            return Err(StepRefused { from: self.status, to });
        }
        self.status = to;
        self.meta.updated_at = now;
        if to == CallStatus::InProgress {
            self.started_at = Some(now);
        }
        if to.is_over() {
            let talked = self.started_at.map_or(0, |started| now.duration_since(started).as_secs().max(0));
            self.ended_at = Some(now);
            self.duration_seconds = Some(u32::try_from(talked).unwrap_or(u32::MAX));
        }
        Ok(())
    }

    /// They begin to talk. One that was begun before stays as it is.
    pub fn start(self, now: Timestamp) -> Result<Change<Self>, StepRefused> {
        let mut after = self.clone();
        if after.started_at.is_none() {
            after.go(CallStatus::InProgress, now)?;
        }
        Ok(self.changed(after, "call.started"))
    }

    /// It is over. One that was over before stays as it is, whatever is said of it now.
    pub fn end(self, ending: Ending, now: Timestamp) -> Result<Change<Self>, StepRefused> {
        let mut after = self.clone();
        if !after.status.is_over() {
            let Ending { status, outcome, notes, follow_up } = ending;
            let to = status.unwrap_or(after.status.ends_as());
            if !to.is_over() {
                return Err(StepRefused { from: after.status, to });
            }
            after.go(to, now)?;
            after.outcome = outcome.or(after.outcome);
            after.notes = notes.or(after.notes);
            after.follow_up_id = follow_up;
        }
        Ok(self.changed(after, "call.ended"))
    }

    /// Deletes it softly; it is counted no more.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        let after = Change::delete(self.clone(), now, "call.deleted").after;
        self.changed(after, "call.deleted")
    }

    /// Brings it back, and counts it again on its day.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        let after = Change::restore(self.clone(), now, "call.restored").after;
        self.changed(after, "call.restored")
    }
}

//! The time of a step is over.

use jiff::{SignedDuration, Timestamp};

use super::request::{ApprovalRequest, ApprovalState, Verdict};
use super::{ApprovalStep, Needs, OnDeadline};
use crate::{Change, UserId};

/// Those who have not decided are told again so many times at most.
const MAX_REMINDED: u32 = 3;
/// And so long after.
const REMIND_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Whom the clock must know of for what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'r> {
    /// Nobody.
    Nobody,
    /// Those who decide a step.
    Of(&'r ApprovalStep),
    /// Those of these people who may come in.
    Among(&'r [UserId]),
}

impl ApprovalRequest {
    /// Whom [`came_due`](Self::came_due) must know of.
    pub fn wanted(&self) -> Wanted<'_> {
        match self.current().map(|step| (step.on_deadline, step)) {
            Some((OnDeadline::Approve, _)) => self.step_at(self.step + 1).map_or(Wanted::Nobody, Wanted::Of),
            Some((OnDeadline::Escalate, step)) => Wanted::Among(&step.escalate_to),
            Some((OnDeadline::Remind | OnDeadline::Reject, _)) | None => Wanted::Nobody,
        }
    }

    /// The time of the current step is over: what its workflow says happens, once. `people` are those that were
    /// [wanted](Self::wanted). What waited for longer, as the clock stood still, does not come in a heap: the next step has
    /// its whole time, and the next reminder comes a day after this one.
    pub fn came_due(self, people: &[UserId], now: Timestamp) -> Change<Self> {
        match self.current().map(|step| step.on_deadline) {
            Some(OnDeadline::Approve) => {
                let after = self.decided(None, Verdict::Approved, None, Vec::new(), now);
                self.step_approved(after, None, people, now)
            }
            Some(OnDeadline::Reject) => {
                let mut after = self.decided(None, Verdict::Rejected, None, Vec::new(), now);
                after.end(ApprovalState::Rejected, now);
                self.moved(after, "approval.rejected", false, None)
            }
            Some(OnDeadline::Escalate) => self.escalate(people, now),
            Some(OnDeadline::Remind) | None => self.remind(now),
        }
    }

    fn escalate(self, people: &[UserId], now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.pending.clear();
        after.put(people, now);
        if after.pending.is_empty() {
            // Nobody is left to escalate to: those who had to decide still have.
            return self.remind(now);
        }
        let to = after.pending.iter().map(|pending| pending.user).collect();
        let pending = after.pending;
        let mut after = self.decided(None, Verdict::Escalated, None, to, now);
        after
            .approvers
            .extend(pending.iter().map(|pending| pending.user).filter(|user| !self.approvers.contains(user)));
        (after.pending, after.needs, after.look_at) = (pending, Needs::Any, None);
        self.moved(after, "approval.decided", true, None)
    }

    fn remind(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.reminded += 1;
        after.look_at = (after.reminded < MAX_REMINDED).then(|| now + REMIND_AGAIN);
        self.moved(after, "approval.reminded", true, None)
    }
}

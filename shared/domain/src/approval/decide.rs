//! People decide a request, hand it on, or take it back.

use jiff::Timestamp;
use serde_json::json;

use super::request::{ApprovalRequest, ApprovalState, Decision, MAX_DELEGATIONS, Verdict};
use super::{MAX_APPROVERS, Needs};
use crate::{Change, Line, UserId};

/// Why somebody does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is over.
    #[error("the request is over")]
    Over,
    /// They decided, or somebody did for them.
    #[error("the step was decided")]
    Decided,
    /// Nobody decides what they asked for themselves.
    #[error("it is their own request")]
    Own,
    /// They have nothing to decide.
    #[error("they are no approver")]
    NotApprover,
    /// Whom it is handed on to cannot take it.
    #[error("the other cannot take it")]
    Untakeable,
    /// It was handed on too many times.
    #[error("it was handed on too many times")]
    TooManyDelegations,
}

impl ApprovalRequest {
    /// Whether somebody has to decide now.
    pub fn check(&self, user: UserId) -> Result<(), Refusal> {
        if !self.is_pending() {
            Err(Refusal::Over)
        } else if self.waits_for(user) {
            Ok(())
        } else if self.approvers.contains(&user) {
            Err(Refusal::Decided)
        } else if self.requester == user {
            Err(Refusal::Own)
        } else {
            Err(Refusal::NotApprover)
        }
    }

    /// The step that begins where somebody approves the current one: its people must be known then.
    pub fn begins_where_approved_by(&self, user: UserId) -> Option<u32> {
        let last_word = self.needs == Needs::Any || self.pending.iter().all(|pending| pending.user == user);
        let next = self.step + 1;
        (last_word && self.step_at(next).is_some()).then_some(next)
    }

    /// Somebody approves the current step. Where that decides it, the next one begins with `next`, or the request is
    /// approved.
    pub fn approve(
        self,
        user: UserId,
        comment: Option<Line<255>>,
        next: &[UserId],
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        self.check(user)?;
        let mut after = self.decided(Some(user), Verdict::Approved, comment.as_ref(), Vec::new(), now);
        after.pending.retain(|pending| pending.user != user);
        if after.needs == Needs::All && !after.pending.is_empty() {
            return Ok(self.moved(after, "approval.decided", false, comment));
        }
        Ok(self.step_approved(after, comment, next, now))
    }

    /// The current step is approved: on to the next, or to the end.
    pub(super) fn step_approved(
        self,
        mut after: Self,
        comment: Option<Line<255>>,
        next: &[UserId],
        now: Timestamp,
    ) -> Change<Self> {
        let step = after.step + 1;
        if after.step_at(step).is_some() {
            after.begin_step(step, next, now);
            return self.moved(after, "approval.step_started", true, comment);
        }
        after.end(ApprovalState::Approved, now);
        self.moved(after, "approval.approved", false, comment)
    }

    /// Somebody rejects it: one is enough.
    pub fn reject(self, user: UserId, comment: Line<255>, now: Timestamp) -> Result<Change<Self>, Refusal> {
        self.check(user)?;
        let mut after = self.decided(Some(user), Verdict::Rejected, Some(&comment), Vec::new(), now);
        after.end(ApprovalState::Rejected, now);
        Ok(self.moved(after, "approval.rejected", false, Some(comment)))
    }

    /// Somebody has another decide in their place.
    pub fn delegate(
        self,
        user: UserId,
        to: UserId,
        comment: Option<Line<255>>,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        self.check(user)?;
        if !self.can_take(to) {
            return Err(Refusal::Untakeable);
        }
        let handed_on = self.decisions.iter().filter(|decision| decision.verdict == Verdict::Delegated).count();
        if handed_on >= MAX_DELEGATIONS {
            return Err(Refusal::TooManyDelegations);
        }
        let mut after = self.decided(Some(user), Verdict::Delegated, comment.as_ref(), vec![to], now);
        after.pending.retain(|pending| pending.user != user);
        debug_assert!(after.pending.len() < MAX_APPROVERS, "one went");
        after.put(&[to], now);
        let change = self.moved(after, "approval.decided", false, comment);
        Ok(change.with("approvers", [to]))
    }

    /// It is no more asked for.
    pub fn cancel(self, comment: Option<Line<255>>, now: Timestamp) -> Result<Change<Self>, Refusal> {
        if !self.is_pending() {
            return Err(Refusal::Over);
        }
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.end(ApprovalState::Cancelled, now);
        Ok(self.moved(after, "approval.cancelled", false, comment))
    }

    /// The request as it is after a decision of the current step.
    pub(super) fn decided(
        &self,
        user: Option<UserId>,
        verdict: Verdict,
        comment: Option<&Line<255>>,
        to: Vec<UserId>,
        now: Timestamp,
    ) -> Self {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.decisions.push(Decision { step: self.step, user, verdict, comment: comment.cloned(), to, at: now });
        after
    }

    /// A change, with what was decided in it.
    pub(super) fn moved(
        self,
        after: Self,
        kind: &'static str,
        approvers: bool,
        comment: Option<Line<255>>,
    ) -> Change<Self> {
        let decision = after.decisions.get(self.decisions.len()).map(|decision| {
            json!({"step": decision.step, "user": decision.user, "verdict": decision.verdict, "to": decision.to})
        });
        let told = after.clone();
        let change = told.telling(Change::update(self, after, kind), approvers);
        let change = change.because(comment.map(|comment| comment.to_string()));
        match decision {
            Some(decision) => change.with("decision", decision),
            None => change,
        }
    }
}

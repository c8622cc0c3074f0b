//! A telephone call: planned, going on, or over.

mod create;
mod status;
mod steps;
mod update;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use create::{CallDetails, Dialling, Held};
pub use status::{CallDirection, CallOutcome, CallStatus};
pub use steps::{Ending, StepRefused};
pub use update::CallPatch;

use crate::record::{List, Meta, Record, Slot};
use crate::{BranchId, CallId, Count, CustomFields, HttpsUrl, LeadId, Note, Phone, ReminderId, UserId};

/// The figure of calls that are over, a day, by `agent|status|outcome`.
pub const CALLS: &str = "calls";
/// The figure of the seconds talked, a day, by agent.
pub const CALL_SECONDS: &str = "call_seconds";
/// A call lasts at most so long: a day.
pub const MAX_SECONDS: u32 = 86_400;

/// A telephone call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: CallId,
    /// The branch it belongs to.
    pub branch_id: BranchId,
    /// Whose call it is.
    #[serde(rename = "agentId")]
    pub agent: UserId,
    /// The lead it is with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// The other side's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Who called.
    pub direction: CallDirection,
    /// Where it stands.
    pub status: CallStatus,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallOutcome>,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Note>,
    /// When it shall be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// When they began to talk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long they talked, known once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
    /// Where its recording lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_url: Option<HttpsUrl>,
    /// The reminder that was made when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up_id: Option<ReminderId>,
    /// Whatever the phone wants to remember of it.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub metadata: CustomFields,
}

impl Call {
    /// When it is or was, as its lists are ordered.
    pub fn at(&self) -> Timestamp {
        self.started_at.or(self.scheduled_at).unwrap_or(self.meta.created_at)
    }

    /// The figures that it is counted in: those of the day it was over.
    fn figures(&self) -> Vec<Count> {
        let (Some(ended_at), None) = (self.ended_at, self.meta.deleted_at) else { return Vec::new() };
        let outcome = self.outcome.map_or("none", CallOutcome::as_str);
        let branch = Some(self.branch_id);
        let mut figures =
            vec![Count::daily(CALLS, branch, ended_at, format!("{}|{}|{outcome}", self.agent, self.status))];
        if let Some(seconds) = self.duration_seconds.filter(|seconds| *seconds > 0) {
            figures.push(Count::daily(CALL_SECONDS, branch, ended_at, self.agent.to_string()).times(seconds.into()));
        }
        figures
    }

    /// A change of it with the steps of its figures.
    fn changed(self, after: Self, kind: &'static str) -> crate::Change<Self> {
        let steps = Count::steps(self.figures(), after.figures());
        crate::Change::update(self, after, kind).counting(steps)
    }
}

impl Record for Call {
    const KIND: &'static str = "call";
    type Id = CallId;

    fn id(&self) -> CallId {
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
        let mut lists = vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "agent", self.agent)];
        lists.extend(self.lead_id.map(|lead| List::new(Slot::Three, "lead", lead)));
        lists
    }
    fn all_of(agent: UserId) -> Vec<List> {
        vec![List::new(Slot::Two, "agent", agent)]
    }
    fn order(&self) -> Timestamp {
        self.at()
    }
    /// What was said and kept of a person, too, and the way to their voice.
    const SEALED: &'static [&'static str] = &["phone", "notes", "recording_url", "metadata"];
}

#[cfg(test)]
mod tests;

//! A telephone call: planned, going on, or over.

mod create;
mod figures;
mod report;
mod status;
mod steps;
mod update;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use create::{CallDetails, Dialling, Held};
pub use figures::{CALLS, CallsCounted, HALF_HOURS, Length};
pub use report::{CallReport, ProviderCallId, Reported};
pub use status::{CallDirection, CallOutcome, CallStatus};
pub use steps::{Ending, StepRefused};
pub use update::CallPatch;

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, CallId, CustomFields, HttpsUrl, LeadId, Note, Phone, ReminderId, UserId};

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
    /// What a telephone system told of it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
    /// Whatever the phone wants to remember of it.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub metadata: CustomFields,
}

impl Call {
    /// When it is or was, as its lists are ordered.
    pub fn at(&self) -> Timestamp {
        self.started_at.or(self.scheduled_at).unwrap_or(self.meta.created_at)
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
    fn claims(&self) -> Vec<Claim> {
        self.reported.iter().map(|told| Reported::claim(told.integration, &told.call)).collect()
    }
    /// What was said and kept of a person, too, and the way to their voice.
    const SEALED: &'static [&'static str] = &["phone", "notes", "recording_url", "metadata"];
    /// What a call shows follows from it.
    const DERIVED: &'static [&'static str] = &["reported"];
}

#[cfg(test)]
mod tests;

//! What is told of a call is changed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Call, CallDirection, CallOutcome, CallStatus};
use crate::{BranchId, Change, CustomFields, FieldInvalid, HttpsUrl, LeadId, Note, Phone, UserId, plannable};

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct CallPatch {
    /// Whose call it is.
    pub agent: Option<UserId>,
    /// The lead it is with, and that lead's branch.
    pub lead: Option<Option<(LeadId, BranchId)>>,
    /// The other side's number.
    pub phone: Option<Option<Phone>>,
    /// Who called.
    pub direction: Option<CallDirection>,
    /// Where it stands.
    pub status: Option<CallStatus>,
    /// What came of it.
    pub outcome: Option<Option<CallOutcome>>,
    /// What was said.
    pub notes: Option<Option<Note>>,
    /// When it shall be.
    pub scheduled_at: Option<Option<Timestamp>>,
    /// Where its recording lies.
    pub recording_url: Option<Option<HttpsUrl>>,
    /// What the phone remembers, merged key by key.
    pub metadata: Option<Option<Map<String, Value>>>,
}

impl CallPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self { agent, lead, phone, direction, status, outcome, notes, scheduled_at, recording_url, metadata } =
            self;
        [
            ("agentId", agent.is_some()),
            ("lead_id", lead.is_some()),
            ("phone", phone.is_some()),
            ("direction", direction.is_some()),
            ("status", status.is_some()),
            ("outcome", outcome.is_some()),
            ("notes", notes.is_some()),
            ("scheduled_at", scheduled_at.is_some()),
            ("recording_url", recording_url.is_some()),
            ("metadata", metadata.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }

    /// What is left of it without these fields; `metadata.x` names one of the free fields.
    #[must_use]
    pub fn without<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        for field in fields {
            match field {
                "agentId" => self.agent = None,
                "lead_id" => self.lead = None,
                "phone" => self.phone = None,
                "direction" => self.direction = None,
                "status" => self.status = None,
                "outcome" => self.outcome = None,
                "notes" => self.notes = None,
                "scheduled_at" => self.scheduled_at = None,
                "recording_url" => self.recording_url = None,
                _ => CustomFields::keep(&mut self.metadata, field.strip_prefix("metadata.")),
            }
        }
        self
    }
}

impl Call {
    /// Changes what is told of it. A status that it has already is no step.
    pub fn update(self, patch: CallPatch, now: Timestamp) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let CallPatch { agent, lead, phone, direction, status, outcome, notes, scheduled_at, recording_url, metadata } =
            patch;
        let mut wrong = Vec::new();
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.agent = agent.unwrap_or(after.agent);
        if let Some(lead) = lead {
            after.lead_id = lead.map(|(lead, _)| lead);
            after.branch_id = lead.map_or(after.branch_id, |(_, branch)| branch);
        }
        after.phone = phone.unwrap_or(after.phone);
        after.direction = direction.unwrap_or(after.direction);
        after.outcome = outcome.unwrap_or(after.outcome);
        after.notes = notes.unwrap_or(after.notes);
        if let Some(Some(at)) = scheduled_at {
            wrong.extend(plannable(at, now).err().map(|invalid| FieldInvalid::new("scheduled_at", invalid)));
        }
        after.scheduled_at = scheduled_at.unwrap_or(after.scheduled_at);
        after.recording_url = recording_url.unwrap_or(after.recording_url);
        match metadata {
            None => {}
            Some(None) => after.metadata = CustomFields::default(),
            Some(Some(patch)) => match after.metadata.merge(patch) {
                Ok(merged) => after.metadata = merged,
                Err(errors) => wrong.extend(errors.into_iter().map(|error| error.under("custom_fields", "metadata"))),
            },
        }
        let step = status.filter(|status| *status != self.status);
        let mut kind = "call.updated";
        if let Some(to) = step {
            kind = match to {
                CallStatus::InProgress => "call.started",
                to if to.is_over() => "call.ended",
                _ => kind,
            };
            wrong.extend(after.go(to, now).err().map(FieldInvalid::from));
        }
        if wrong.is_empty() { Ok(self.changed(after, kind)) } else { Err(wrong) }
    }
}

//! What providers tell of a message on its way.

use jiff::Timestamp;

use super::{Carried, Communication, CommunicationStatus};
use crate::message::UNKNOWN;
use crate::outreach::Refusal;
use crate::{Change, CommunicationId};

/// What a provider tells of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Where it stands: sent, delivered, read or failed.
    pub status: CommunicationStatus,
    /// Since when.
    pub at: Timestamp,
    /// Why it failed.
    pub failure: Option<String>,
}

impl Communication {
    /// Moves on with a report; `None` where it tells nothing new. Reports may come in any order and more than once: they
    /// always end alike.
    pub fn report(self, report: DeliveryReport, now: Timestamp) -> Option<Change<Self>> {
        let DeliveryReport { status, at, failure } = report;
        let (known, told) = (self.status.progress()?, status.progress()?);
        let mut after = self.clone();
        let place = match status {
            CommunicationStatus::Sent => &mut after.sent_at,
            CommunicationStatus::Delivered => &mut after.delivered_at,
            CommunicationStatus::Read => &mut after.read_at,
            CommunicationStatus::Failed => &mut after.failed_at,
            _ => return None,
        };
        // Of two reports of the same the earlier one counts.
        let is_earlier = place.is_none_or(|known| at < known);
        if is_earlier {
            *place = Some(at);
        }
        if status == CommunicationStatus::Failed && (is_earlier || after.failure.is_none()) {
            after.failure = failure;
        }
        if told > known {
            after.status = status;
        }
        if after == self {
            return None;
        }
        after.meta.updated_at = now;
        let kind = match after.status {
            CommunicationStatus::Sent => "communication.sent",
            CommunicationStatus::Delivered => "communication.delivered",
            CommunicationStatus::Read => "communication.read",
            _ => "communication.failed",
        };
        let kind = if after.status == self.status { "communication.reported" } else { kind };
        Some(Self::moved(self, after, kind))
    }

    /// A provider took it, under an id of its own. A report may have been faster, and so may whoever took it back, too late, or
    /// gave it up without knowing: it went out all the same.
    pub fn sent(self, carried: Carried, at: Timestamp, now: Timestamp) -> Change<Self> {
        let mut before = self;
        let known = before.clone();
        before.carried = Some(carried);
        if before.is_in_doubt() {
            (before.failed_at, before.failure) = (None, None);
            before.status = CommunicationStatus::Queued;
        }
        if before.status == CommunicationStatus::Cancelled {
            before.status = CommunicationStatus::Queued;
        }
        let report = DeliveryReport { status: CommunicationStatus::Sent, at, failure: None };
        let after = before.clone().report(report, now).map_or(before, |change| change.after);
        Self::moved(known, after, "communication.sent")
    }

    /// Whether it was given up because nobody knows whether it went out: it may have.
    pub fn is_in_doubt(&self) -> bool {
        self.status == CommunicationStatus::Failed && self.failure.as_deref() == Some(UNKNOWN)
    }

    /// It is given up, or there is no need for it any more.
    pub fn failed(self, why: &str, now: Timestamp) -> Option<Change<Self>> {
        let report = DeliveryReport { status: CommunicationStatus::Failed, at: now, failure: Some(why.to_owned()) };
        self.report(report, now)
    }

    /// It is not sent, as something speaks against it now.
    pub fn refused(self, refusal: Refusal, now: Timestamp) -> Option<Change<Self>> {
        let Change { before, mut after, kind, .. } = self.failed(refusal.as_str(), now)?;
        after.refusal = Some(refusal);
        Some(Self::moved(before?, after, kind))
    }

    /// They followed a link in it, so they looked at it too; `None` where that was known.
    pub fn clicked(self, at: Timestamp, now: Timestamp) -> Option<Change<Self>> {
        let report = DeliveryReport { status: CommunicationStatus::Read, at, failure: None };
        let mut after = self.clone().report(report, now).map_or_else(|| self.clone(), |change| change.after);
        if after.clicked_at.is_none_or(|known| at < known) {
            after.clicked_at = Some(at);
        }
        self.told(after, now, "communication.clicked")
    }

    /// They answered it; `None` where that was known.
    pub fn responded(self, at: Timestamp, now: Timestamp) -> Option<Change<Self>> {
        let responded_at = self.responded_at.map_or(at, |known| known.min(at));
        let after = Self { responded_at: Some(responded_at), ..self.clone() };
        self.told(after, now, "communication.responded")
    }

    /// They became what it was written for; `None` where that was known.
    pub fn converted(self, at: Timestamp, now: Timestamp) -> Option<Change<Self>> {
        let converted_at = self.converted_at.map_or(at, |known| known.min(at));
        let after = Self { converted_at: Some(converted_at), ..self.clone() };
        self.told(after, now, "communication.converted")
    }

    /// It got nowhere, and another goes in its place.
    pub fn replaced(self, by: CommunicationId, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        (after.replaced_by, after.meta.updated_at) = (Some(by), now);
        Self::moved(self, after, "communication.replaced")
    }

    fn told(self, mut after: Self, now: Timestamp, kind: &'static str) -> Option<Change<Self>> {
        after.meta.updated_at = self.meta.updated_at;
        if after == self {
            return None;
        }
        after.meta.updated_at = now;
        Some(Self::moved(self, after, kind))
    }
}

//! What providers tell of a message on its way.

use jiff::Timestamp;

use super::{Carried, Communication, CommunicationStatus};
use crate::Change;

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
        Some(Change::update(self, after, kind))
    }

    /// A provider took it, under an id of its own. A report may have been faster, and so may whoever took it back, too late:
    /// it went out all the same.
    pub fn sent(self, carried: Carried, at: Timestamp, now: Timestamp) -> Change<Self> {
        let mut before = self;
        let known = before.clone();
        before.carried = Some(carried);
        if before.status == CommunicationStatus::Cancelled {
            before.status = CommunicationStatus::Queued;
        }
        let report = DeliveryReport { status: CommunicationStatus::Sent, at, failure: None };
        let after = before.clone().report(report, now).map_or(before, |change| change.after);
        Change::update(known, after, "communication.sent")
    }

    /// It is given up, or there is no need for it any more.
    pub fn failed(self, why: &str, now: Timestamp) -> Option<Change<Self>> {
        let report = DeliveryReport { status: CommunicationStatus::Failed, at: now, failure: Some(why.to_owned()) };
        self.report(report, now)
    }
}

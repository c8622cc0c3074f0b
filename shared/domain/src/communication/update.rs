//! What people change of a communication.

use jiff::Timestamp;

use super::{Attachments, Communication, CommunicationStatus};
use crate::template::{Body, Subject};
use crate::{Change, CustomFields, FieldInvalid, Invalid};

/// A merge update: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct CommunicationPatch {
    /// What it is about.
    pub subject: Option<Option<Subject>>,
    /// What it says.
    pub content: Option<Option<Body>>,
    /// Where it stands.
    pub status: Option<CommunicationStatus>,
    /// When it is to be had.
    pub scheduled_at: Option<Option<Timestamp>>,
    /// When it was with whom it goes to.
    pub delivered_at: Option<Option<Timestamp>>,
    /// When they looked at it.
    pub read_at: Option<Option<Timestamp>>,
    /// What goes with it, whole.
    pub attachments: Option<Attachments>,
    /// Whatever a frontend wants to remember of it, whole.
    pub channel_specific_data: Option<CustomFields>,
}

/// Why it is not changed.
#[derive(Debug, Clone, PartialEq)]
pub enum UpdateRefused {
    /// What it would become makes no sense.
    Invalid(Vec<FieldInvalid>),
    /// It has gone out, so what it says stays.
    Gone,
}

impl Communication {
    /// Changes one. What a provider carries stands where the provider says, and says what it said; as long as it has not
    /// gone out it can be taken back (`cancelled`).
    pub fn update(self, patch: CommunicationPatch, now: Timestamp) -> Result<Change<Self>, UpdateRefused> {
        let CommunicationPatch {
            subject,
            content,
            status,
            scheduled_at,
            delivered_at,
            read_at,
            attachments,
            channel_specific_data,
        } = patch;
        let is_carried = self.is_carried();
        let mut after = self.clone();
        after.meta.updated_at = now;
        if is_carried {
            if subject.is_some() || content.is_some() || scheduled_at.is_some() || attachments.is_some() {
                return Err(UpdateRefused::Gone);
            }
            if status == Some(CommunicationStatus::Cancelled) && self.status != CommunicationStatus::Cancelled {
                return self.cancel(now);
            }
        } else {
            after.subject = subject.unwrap_or(after.subject);
            after.content = content.unwrap_or(after.content);
            after.scheduled_at = scheduled_at.unwrap_or(after.scheduled_at);
            if let Some(attachments) = attachments {
                after.attach(attachments);
            }
            after.delivered_at = delivered_at.unwrap_or(after.delivered_at);
            after.read_at = read_at.unwrap_or(after.read_at);
            match status {
                Some(CommunicationStatus::Queued) => {
                    let invalid = Invalid::new("not_sent", "is of what is sent from here, and this is not");
                    return Err(UpdateRefused::Invalid(vec![FieldInvalid::new("status", invalid)]));
                }
                Some(status) => after.status = status,
                None => {}
            }
        }
        after.channel_specific_data = channel_specific_data.unwrap_or(after.channel_specific_data);
        Ok(Self::moved(self, after, "communication.updated"))
    }

    /// Takes it back before it has gone out.
    pub fn cancel(self, now: Timestamp) -> Result<Change<Self>, UpdateRefused> {
        if !matches!(self.status, CommunicationStatus::Scheduled | CommunicationStatus::Queued) {
            return Err(UpdateRefused::Gone);
        }
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.status = CommunicationStatus::Cancelled;
        Ok(Self::moved(self, after, "communication.cancelled"))
    }

    /// Deletes it softly.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "communication.deleted")
    }

    /// Brings it back.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "communication.restored")
    }
}

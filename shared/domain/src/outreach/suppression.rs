//! Addresses and numbers that are not written to, whoever asks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContactAddress, ContactChannel, ContactPurpose};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, Line, OrganizationId, ReachabilityId, SuppressionId, UserId};

wire_enum! {
    /// Why an address or number is not written to.
    SuppressionReason, "unknown_suppression_reason",
    /// Its provider says that it does not exist.
    Bounce = "bounce",
    /// Its owner called a message spam.
    Complaint = "complaint",
    /// Its owner wants no marketing.
    Unsubscribe = "unsubscribe",
    /// Somebody of the organization said so.
    Manual = "manual",
    /// It stands on the national do-not-disturb list.
    Dnd = "dnd",
}

impl SuppressionReason {
    /// Whether it stands against messages of this purpose: who wants no marketing still gets receipts, but an address
    /// that does not exist gets nothing.
    pub const fn is_against(self, purpose: ContactPurpose) -> bool {
        match self {
            Self::Bounce | Self::Complaint | Self::Manual => true,
            Self::Unsubscribe | Self::Dnd => matches!(purpose, ContactPurpose::Marketing),
        }
    }
}

/// An address or number that is not written to over a channel. One record each, found by its derived id; lifted, it
/// stays for its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: SuppressionId,
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// The same in the clear, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ContactAddress>,
    /// Over which channel.
    pub channel: ContactChannel,
    /// Why.
    pub reason: SuppressionReason,
    /// Why, in somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line<255>>,
    /// It ends then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Who said so; nobody where a provider or the person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_by: Option<UserId>,
    /// Since when.
    pub since: Timestamp,
    /// When it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<Timestamp>,
}

/// What is told of a suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionDetails {
    /// The address or number, where it is known.
    pub address: Option<ContactAddress>,
    /// Over which channel.
    pub channel: ContactChannel,
    /// Why.
    pub reason: SuppressionReason,
    /// In somebody's words.
    pub note: Option<Line<255>>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Who says so.
    pub by: Option<UserId>,
}

impl Suppression {
    /// From now on an address or number is not written to; `before` is what was known of it. One that stands against
    /// more purposes is not weakened: who had complained and then unsubscribes has still complained.
    pub fn suppress(
        before: Option<Self>,
        id: SuppressionId,
        organization: OrganizationId,
        contact: ReachabilityId,
        details: SuppressionDetails,
        now: Timestamp,
    ) -> Change<Self> {
        let SuppressionDetails { address, channel, reason, note, expires_at, by } = details;
        let new = Self {
            meta: Meta::new(organization, now),
            id,
            contact,
            address,
            channel,
            reason,
            note,
            expires_at,
            suppressed_by: by,
            since: now,
            lifted_at: None,
        };
        let Some(before) = before else { return Change::create(new, "suppression.created") };
        let harder = |reason: SuppressionReason| reason.is_against(ContactPurpose::Transactional);
        if before.is_active(now) && before.expires_at.is_none() && harder(before.reason) && !harder(reason) {
            return Change::update(before.clone(), before, "suppression.created");
        }
        let address = new.address.or_else(|| before.address.clone());
        let after = Self { meta: Meta { updated_at: now, ..before.meta.clone() }, address, ..new };
        Change::update(before, after, "suppression.created")
    }

    /// Changes why and until when.
    pub fn update(
        self,
        reason: Option<SuppressionReason>,
        note: Option<Option<Line<255>>>,
        expires_at: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.reason = reason.unwrap_or(after.reason);
        after.note = note.unwrap_or(after.note);
        after.expires_at = expires_at.unwrap_or(after.expires_at);
        Change::update(self, after, "suppression.updated")
    }

    /// It is written to again.
    pub fn lift(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.lifted_at = Some(now);
        Change::update(self, after, "suppression.lifted")
    }

    /// Whether it stands now.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.lifted_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

impl Record for Suppression {
    const KIND: &'static str = "suppression";
    type Id = SuppressionId;

    fn id(&self) -> SuppressionId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        if self.lifted_at.is_some() {
            return Vec::new();
        }
        vec![
            List::new(Slot::One, "all", ""),
            List::new(Slot::Two, "reason", self.reason),
            List::new(Slot::Three, "channel", self.channel),
        ]
    }
    fn order(&self) -> Timestamp {
        self.since
    }
    const SEALED: &'static [&'static str] = &["address", "note"];
}

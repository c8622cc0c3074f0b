//! How long an organization keeps what nobody needs for ever.
//!
//! The audit chain is not among it: its entries are never deleted.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{Meta, Record};
use crate::{Change, OrganizationId, RetentionPolicyId};

/// What is meant where nobody has said anything.
pub const DEFAULT_DAYS: u16 = 365;
/// Security events are of no use if they are gone before anybody looks.
pub const MIN_DAYS: u16 = 30;
/// Seven years.
pub const MAX_DAYS: u16 = 2_555;
/// The policy is applied so often.
pub const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// How long an organization keeps things. One record an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPolicy {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID.
    pub id: RetentionPolicyId,
    /// Days that security events and suspicious activities are kept, [`MIN_DAYS`] to [`MAX_DAYS`].
    pub security_events_days: u16,
    /// When it is applied next.
    pub next_run_at: Timestamp,
}

impl RetentionPolicy {
    /// The id of an organization's policy.
    pub const fn id_of(organization: OrganizationId) -> RetentionPolicyId {
        RetentionPolicyId::from_uuid(organization.uuid())
    }

    /// What holds where nobody has said anything.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(organization),
            security_events_days: DEFAULT_DAYS,
            next_run_at: now + EVERY,
        }
    }

    /// Sets how long security events are kept.
    pub fn keep(self, security_events_days: u16, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.security_events_days = security_events_days;
        after.meta.updated_at = now;
        if self.meta.version == 0 {
            Change::create(after, "retention_policy.updated")
        } else {
            Change::update(self, after, "retention_policy.updated")
        }
    }

    /// What happened before this is to go.
    pub fn keeps_since(&self, now: Timestamp) -> Timestamp {
        now - SignedDuration::from_hours(24 * i64::from(self.security_events_days))
    }

    /// Some of what was to go is gone; there may be more.
    pub fn applied(self, security_events: u64, suspicious_activities: u64, now: Timestamp) -> Change<Self> {
        let before = self.keeps_since(now);
        let mut after = self.clone();
        after.meta.updated_at = now;
        Change::update(self, after, "retention_policy.applied")
            .with("security_events", security_events)
            .with("suspicious_activities", suspicious_activities)
            .with("before", before)
    }

    /// Nothing is to go until the next run.
    pub fn rested(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.next_run_at = now + EVERY;
        Change::update(self, after, "retention_policy.rested")
    }
}

impl Record for RetentionPolicy {
    const KIND: &'static str = "retention_policy";
    type Id = RetentionPolicyId;

    fn id(&self) -> RetentionPolicyId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn due(&self) -> Option<Timestamp> {
        Some(self.next_run_at)
    }
    const DERIVED: &'static [&'static str] = &["next_run_at"];
}

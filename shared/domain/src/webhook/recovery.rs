//! Sending again what an endpoint missed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KEPT, LEASE, PATIENCE};
use crate::record::{Claim, List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, OrganizationId, UserId, WebhookEndpointId, WebhookRecoveryId};

wire_enum! {
    /// Where a recovery stands.
    RecoveryStatus, "unknown_recovery_status",
    /// It goes through the events.
    Running = "running",
    /// It went through all of them.
    Completed = "completed",
    /// Its endpoint was deleted or turned off.
    Cancelled = "cancelled",
}

/// Goes through the events since a time, a page a message, and sends those that the endpoint wants and did not take. An
/// endpoint has one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRecovery {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: WebhookRecoveryId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// Events from here on.
    pub since: Timestamp,
    /// Events before this: whatever happens later is delivered anyway.
    pub until: Timestamp,
    /// Behind which place it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where it stands.
    pub status: RecoveryStatus,
    /// How many events it looked at that the endpoint wants.
    pub seen: u32,
    /// How many of them are sent again, or for the first time.
    pub sent: u32,
    /// When the clock queues its next page again, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// Who began it.
    pub started_by: UserId,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl WebhookRecovery {
    /// A new one.
    pub fn begin(
        id: WebhookRecoveryId,
        organization: OrganizationId,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        started_by: UserId,
        now: Timestamp,
    ) -> Change<Self> {
        let recovery = Self {
            meta: Meta::new(organization, now),
            id,
            endpoint,
            since,
            until: now,
            place: None,
            status: RecoveryStatus::Running,
            seen: 0,
            sent: 0,
            lease_until: Some(now + LEASE),
            started_by,
            finished_at: None,
        };
        Change::create(recovery, "webhook_recovery.started")
    }

    /// A page was gone through; `place` is `None` at the end.
    pub fn went_on(self, place: Option<String>, seen: u32, sent: u32, now: Timestamp) -> Change<Self> {
        let ended = place.is_none();
        self.changed(now, if ended { "webhook_recovery.completed" } else { "webhook_recovery.moved" }, |recovery| {
            recovery.place = place;
            recovery.seen += seen;
            recovery.sent += sent;
            recovery.lease_until = Some(now + LEASE);
            if ended {
                recovery.end(RecoveryStatus::Completed, now);
            }
        })
    }

    /// There is nobody to send anything to.
    pub fn cancelled(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_recovery.cancelled", |recovery| recovery.end(RecoveryStatus::Cancelled, now))
    }

    /// The clock queued its next page again.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_recovery.moved", |recovery| recovery.lease_until = Some(now + PATIENCE))
    }

    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        self.status == RecoveryStatus::Running
    }

    fn end(&mut self, status: RecoveryStatus, now: Timestamp) {
        self.status = status;
        self.lease_until = None;
        self.finished_at = Some(now);
    }

    fn changed(self, now: Timestamp, kind: &'static str, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }
}

impl Record for WebhookRecovery {
    const KIND: &'static str = "webhook_recovery";
    type Id = WebhookRecoveryId;

    fn id(&self) -> WebhookRecoveryId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "endpoint", self.endpoint)]
    }
    fn claims(&self) -> Vec<Claim> {
        if self.is_running() { vec![Claim::new("endpoint", self.endpoint.to_string())] } else { Vec::new() }
    }
    fn due(&self) -> Option<Timestamp> {
        self.lease_until
    }
    fn expires(&self) -> Option<Timestamp> {
        self.finished_at.map(|at| at + KEPT)
    }
    const DERIVED: &'static [&'static str] = &["place", "lease_until"];
}

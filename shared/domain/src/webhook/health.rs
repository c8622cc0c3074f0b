//! How an endpoint does.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::LEASE;
use crate::record::{Meta, Record};
use crate::{Change, OrganizationId, WebhookEndpointId, WebhookHealthId};

/// After so many failures without a success between them an endpoint rests.
pub const TRIPS_AT: u32 = 5;
/// After so long of nothing but failures an endpoint is turned off.
pub const HOPELESS: SignedDuration = SignedDuration::from_hours(5 * 24);
/// The first rest; each after it is twice as long, up to the longest.
const FIRST_REST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);
/// Whoever is sent ahead has so long to come back.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);
/// That something got through is written down at most once in this time.
const NOTED: SignedDuration = SignedDuration::from_mins(1);

/// How an endpoint does: kept beside it, so that a delivery never changes what people edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookHealth {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the endpoint's UUID.
    pub id: WebhookHealthId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// When something last got through, to a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success_at: Option<Timestamp>,
    /// When something last did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure_at: Option<Timestamp>,
    /// Since when nothing got through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// How often in a row it failed before it rests.
    #[serde(default)]
    pub failures: u32,
    /// How often it rested since something got through.
    #[serde(default)]
    pub rested: u32,
    /// It is told nothing before this; behind it, one delivery is sent ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_until: Option<Timestamp>,
    /// Until when it rested last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rested_until: Option<Timestamp>,
    /// When the clock looks at what waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

/// Whether an endpoint may be told something now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Well,
    /// It may not.
    Rests,
    /// One delivery may be sent ahead.
    Ahead,
}

impl WebhookHealth {
    /// The id of an endpoint's.
    pub const fn id_of(endpoint: WebhookEndpointId) -> WebhookHealthId {
        WebhookHealthId::from_uuid(endpoint.uuid())
    }

    /// Of an endpoint that was told nothing yet.
    pub fn new(organization: OrganizationId, endpoint: WebhookEndpointId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(endpoint),
            endpoint,
            last_success_at: None,
            last_failure_at: None,
            failing_since: None,
            failures: 0,
            rested: 0,
            rests_until: None,
            rested_until: None,
            look_at: None,
        }
    }

    /// Whether it may be told something.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.rests_until {
            None => Standing::Well,
            Some(until) if now < until => Standing::Rests,
            Some(_) => Standing::Ahead,
        }
    }

    /// Whether nothing got through for so long that it is turned off.
    pub fn is_hopeless(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| now - HOPELESS >= since)
    }

    /// One delivery is sent ahead; nobody else is until it is back.
    pub fn sends_ahead(self, now: Timestamp) -> Change<Self> {
        self.changed(now, |health| {
            health.rests_until = Some(now + AHEAD);
            health.look_at = Some(now + AHEAD);
        })
    }

    /// Something got through: it may be told everything again. `None` where that is known.
    pub fn succeeded(self, now: Timestamp) -> Option<Change<Self>> {
        let known = self.failing_since.is_none()
            && self.rests_until.is_none()
            && self.last_success_at.is_some_and(|at| now < at + NOTED);
        if known {
            return None;
        }
        let rested = self.rests_until.is_some();
        Some(self.changed(now, |health| {
            health.last_success_at = Some(now);
            (health.failing_since, health.rests_until) = (None, None);
            (health.failures, health.rested) = (0, 0);
            if rested {
                (health.rested_until, health.look_at) = (Some(now), Some(now + LEASE));
            }
        }))
    }

    /// Something did not get through; `ahead` says that it was sent ahead, `asked` for how long the endpoint asked not to
    /// be told anything. `None` where it rests already: what was under way then says nothing new.
    pub fn failed(self, ahead: bool, asked: Option<SignedDuration>, now: Timestamp) -> Option<Change<Self>> {
        if !ahead && self.standing(now) == Standing::Rests {
            return None;
        }
        let tripped = ahead || self.failures + 1 >= TRIPS_AT;
        Some(self.changed(now, |health| {
            health.last_failure_at = Some(now);
            health.failing_since = health.failing_since.or(Some(now));
            health.failures = health.failures.saturating_add(1);
            let rest = tripped.then(|| {
                health.rested = health.rested.saturating_add(1);
                (FIRST_REST * (1 << (health.rested - 1).min(10))).min(LONGEST_REST)
            });
            if let Some(rest) = rest.max(asked) {
                health.rests_until = Some(now + rest);
                health.look_at = Some(now + rest);
            }
        }))
    }

    /// Begins anew, as somebody turned the endpoint on: what waits for it is looked at by the next minute.
    pub fn begins_anew(self, now: Timestamp) -> Change<Self> {
        self.changed(now, |health| {
            (health.failing_since, health.rests_until) = (None, None);
            (health.failures, health.rested) = (0, 0);
            (health.rested_until, health.look_at) = (Some(now), Some(now));
        })
    }

    /// The clock looked at it.
    pub fn looked_at(self, now: Timestamp) -> Change<Self> {
        self.changed(now, |health| health.look_at = Some(now + LEASE))
    }

    /// What waits for it is looked at by the next minute.
    pub fn looks_now(self, now: Timestamp) -> Change<Self> {
        self.changed(now, |health| health.look_at = Some(now))
    }

    /// Nothing waits for it: there is no need to look. `None` where somebody who saw it rest may still be about to let
    /// something wait, or where that is known.
    pub fn cleared(self, now: Timestamp) -> Option<Change<Self>> {
        let closed = self.rests_until.or(self.rested_until).is_some_and(|until| now < until + LEASE);
        (!closed && self.look_at.is_some()).then(|| self.changed(now, |health| health.look_at = None))
    }

    fn changed(self, now: Timestamp, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        let kind = "webhook_health.changed";
        if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) }
    }
}

impl Record for WebhookHealth {
    const KIND: &'static str = "webhook_health";
    type Id = WebhookHealthId;

    fn id(&self) -> WebhookHealthId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn due(&self) -> Option<Timestamp> {
        self.look_at
    }
    /// Its deliveries tell its history.
    const REMEMBERED: bool = false;
}

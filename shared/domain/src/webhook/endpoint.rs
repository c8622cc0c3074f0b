//! A machine that is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EventPatterns, OVERLAP, WebhookHeaders, WebhookSecret, WebhookUrl};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, Line, OrganizationId, PersonalFields, UserId, WebhookEndpointId};

wire_enum! {
    /// Why an endpoint is told nothing.
    DisabledReason, "unknown_reason",
    /// Somebody turned it off.
    Manual = "manual",
    /// Nothing got through for five days.
    Failing = "failing",
    /// It answered that it is gone: 410.
    Gone = "gone",
}

/// A machine of an organization's that is told what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub url: WebhookUrl,
    /// What people say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Line<255>>,
    /// What it is told of.
    pub events: EventPatterns,
    /// Headers that it gets beside ours.
    #[serde(default)]
    pub headers: WebhookHeaders,
    /// When those were last written. Their values stand in no history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_changed_at: Option<Timestamp>,
    /// Why it is told nothing; `None` where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<DisabledReason>,
    /// What signs.
    pub secret: WebhookSecret,
    /// When that was made.
    pub secret_changed_at: Timestamp,
    /// What signs beside it for a while after a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousSecret>,
    /// Who made it.
    pub created_by: UserId,
    /// The personal fields that it gets in the clear: those that everybody saw in the clear who wrote it.
    pub clear: PersonalFields,
}

/// A secret that a rotation has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: WebhookSecret,
    /// It signs until then.
    pub until: Timestamp,
}

/// What a new endpoint is.
#[derive(Debug, Clone)]
pub struct EndpointDetails {
    /// Where it is.
    pub url: WebhookUrl,
    /// What people say of it.
    pub description: Option<Line<255>>,
    /// What it is told of.
    pub events: EventPatterns,
    /// Headers beside ours.
    pub headers: WebhookHeaders,
    /// Whether it is told from now on.
    pub enabled: bool,
}

/// What of an endpoint changes; `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct EndpointPatch {
    /// Where it is.
    pub url: Option<WebhookUrl>,
    /// What people say of it.
    pub description: Option<Option<Line<255>>>,
    /// What it is told of.
    pub events: Option<EventPatterns>,
    /// Headers beside ours.
    pub headers: Option<WebhookHeaders>,
    /// Whether it is told.
    pub enabled: Option<bool>,
}

impl WebhookEndpoint {
    /// A new one, by somebody who sees these personal fields in the clear.
    pub fn create(
        id: WebhookEndpointId,
        organization: OrganizationId,
        details: EndpointDetails,
        secret: WebhookSecret,
        (created_by, clear): (UserId, PersonalFields),
        now: Timestamp,
    ) -> Change<Self> {
        let EndpointDetails { url, description, events, headers, enabled } = details;
        let endpoint = Self {
            meta: Meta::new(organization, now),
            id,
            url,
            description,
            events,
            headers,
            headers_changed_at: None,
            disabled: (!enabled).then_some(DisabledReason::Manual),
            secret,
            secret_changed_at: now,
            previous: None,
            created_by,
            clear,
        };
        Change::create(endpoint, "webhook_endpoint.created")
    }

    /// Whether it is told.
    pub const fn is_enabled(&self) -> bool {
        self.disabled.is_none()
    }

    /// Whether it wants an event of this type that happened at `at`: nothing of before it was there.
    pub fn wants(&self, kind: &str, at: Timestamp) -> bool {
        self.is_enabled() && at >= self.meta.created_at && self.events.fit(kind)
    }

    /// The secrets that sign at `now`, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &WebhookSecret> {
        let previous = self.previous.as_ref().filter(move |previous| now < previous.until);
        std::iter::once(&self.secret).chain(previous.map(|previous| &previous.secret))
    }

    /// Changed by somebody who sees these personal fields in the clear: it gets no more of them than both.
    pub fn update(self, patch: EndpointPatch, clear: PersonalFields, now: Timestamp) -> Change<Self> {
        let EndpointPatch { url, description, events, headers, enabled } = patch;
        let kind = match enabled {
            Some(true) if !self.is_enabled() => "webhook_endpoint.enabled",
            Some(false) if self.is_enabled() => "webhook_endpoint.disabled",
            _ => "webhook_endpoint.updated",
        };
        self.changed(kind, now, |endpoint| {
            endpoint.clear = endpoint.clear.and(clear);
            endpoint.url = url.unwrap_or_else(|| endpoint.url.clone());
            endpoint.description = description.unwrap_or_else(|| endpoint.description.take());
            endpoint.events = events.unwrap_or_else(|| endpoint.events.clone());
            if let Some(headers) = headers.filter(|headers| *headers != endpoint.headers) {
                endpoint.headers = headers;
                endpoint.headers_changed_at = Some(now);
            }
            match enabled {
                Some(true) => endpoint.disabled = None,
                Some(false) => endpoint.disabled = endpoint.disabled.or(Some(DisabledReason::Manual)),
                None => {}
            }
        })
    }

    /// Turned off by the platform; `None` where it is off already.
    pub fn disable(self, reason: DisabledReason, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_enabled() {
            return None;
        }
        let change = self.changed("webhook_endpoint.disabled", now, |endpoint| endpoint.disabled = Some(reason));
        Some(change.with("reason", reason))
    }

    /// A new secret signs from now on, and the old one beside it for a day.
    pub fn rotate(self, secret: WebhookSecret, now: Timestamp) -> Change<Self> {
        self.changed("webhook_endpoint.secret_rotated", now, |endpoint| {
            let old = std::mem::replace(&mut endpoint.secret, secret);
            endpoint.previous = Some(PreviousSecret { secret: old, until: now + OVERLAP });
            endpoint.secret_changed_at = now;
        })
    }

    /// Somebody was shown its secret.
    pub fn revealed(self, now: Timestamp) -> Change<Self> {
        self.changed("webhook_endpoint.secret_revealed", now, |_| {})
    }

    /// Deleted; it can be restored for a while.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "webhook_endpoint.deleted")
    }

    /// Brought back as it was.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "webhook_endpoint.restored")
    }

    fn changed(self, kind: &'static str, now: Timestamp, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }
}

impl Record for WebhookEndpoint {
    const KIND: &'static str = "webhook_endpoint";
    type Id = WebhookEndpointId;

    fn id(&self) -> WebhookEndpointId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let all = List::new(Slot::One, "all", "");
        let told = self.is_enabled().then(|| List::new(Slot::Two, "enabled", ""));
        std::iter::once(all).chain(told).collect()
    }
    /// An address may hold what lets somebody in.
    const SEALED: &'static [&'static str] = &["url", "headers", "secret", "previous"];
    const DERIVED: &'static [&'static str] = &["headers", "secret", "previous"];
}

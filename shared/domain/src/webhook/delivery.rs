//! One event on its way to one endpoint.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{KEPT, LEASE, PATIENCE};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, Event, EventId, OrganizationId, WebhookDeliveryId, WebhookEndpointId};

/// The rests after each try that failed, as the Standard Webhooks specification suggests: after the last comes the last
/// try. Each is made up to a tenth longer, so that what failed together does not come again together.
///
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability>
pub const RESTS: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];
/// After this many tries a delivery has failed.
pub const MAX_TRIES: u32 = 10;
/// So many attempts are kept, the newest.
pub const MAX_ATTEMPTS: usize = 10;
/// A receiver may ask for no more than this with `Retry-After`.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(24);

wire_enum! {
    /// Where a delivery stands.
    DeliveryStatus, "unknown_delivery_status",
    /// It waits, or is tried again.
    Pending = "pending",
    /// The endpoint took it.
    Succeeded = "succeeded",
    /// It was given up.
    Failed = "failed",
}

/// One event on its way to one endpoint. What is sent is written from the event each time, so that it lies in one place
/// and goes with its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, the `webhook-id` of every try: derived from the event and the endpoint.
    pub id: WebhookDeliveryId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// The event; `None` where somebody tries the endpoint out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<DeliveredEvent>,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why it was given up, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often it was tried, since somebody last asked for it. A try is counted before it is made.
    pub tries: u32,
    /// It is not tried before this.
    pub next_try_at: Timestamp,
    /// When the clock queues it again, while it has not ended and does not wait for its endpoint.
    pub lease_until: Timestamp,
    /// Whether it waits for its endpoint, which rests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parked: bool,
    /// Whether somebody asked for it: then it is tried though its endpoint rests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_for: bool,
    /// What came of the last tries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// Where the event of a delivery lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredEvent {
    /// Its id.
    pub id: EventId,
    /// Its record.
    pub subject: String,
    /// The record's version after it.
    pub version: u64,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The status that the endpoint answered.
    #[schema(required)]
    pub status: Option<u16>,
    /// Why there was none, as a code.
    #[schema(required)]
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u32,
    /// A few of the answer's headers.
    #[schema(value_type = Object)]
    pub headers: serde_json::Map<String, serde_json::Value>,
    /// The beginning of the answer's body.
    #[schema(required)]
    pub body: Option<String>,
}

impl Attempt {
    /// Whether the endpoint took it: any status of success, and no redirect.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl WebhookDelivery {
    /// Of an event, to be sent.
    pub fn of(event: &Event, id: WebhookDeliveryId, endpoint: WebhookEndpointId, now: Timestamp) -> Change<Self> {
        let delivered = DeliveredEvent { id: event.id, subject: event.subject.clone(), version: event.version };
        let delivery = Self::new(event.organization, id, endpoint, (event.kind.clone(), event.at), now);
        Change::create(Self { event: Some(delivered), ..delivery }, "webhook_delivery.queued")
    }

    /// Of nothing, for trying an endpoint out.
    pub fn of_test(
        organization: OrganizationId,
        id: WebhookDeliveryId,
        endpoint: WebhookEndpointId,
        now: Timestamp,
    ) -> Change<Self> {
        let delivery = Self::new(organization, id, endpoint, ("webhook.test".to_owned(), now), now);
        Change::create(Self { asked_for: true, ..delivery }, "webhook_delivery.queued")
    }

    fn new(
        organization: OrganizationId,
        id: WebhookDeliveryId,
        endpoint: WebhookEndpointId,
        (kind, at): (String, Timestamp),
        now: Timestamp,
    ) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id,
            endpoint,
            event: None,
            kind,
            at,
            status: DeliveryStatus::Pending,
            reason: None,
            tries: 0,
            next_try_at: now,
            lease_until: now + LEASE,
            parked: false,
            asked_for: false,
            attempts: Vec::new(),
            finished_at: None,
        }
    }

    /// Whether a worker may take it up: it has not ended, nobody else has it, and it does not rest.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.status == DeliveryStatus::Pending && !self.parked && self.next_try_at <= now
    }

    /// Whether it was tried often enough, and the worker of the last try died.
    pub const fn is_spent(&self) -> bool {
        self.tries >= MAX_TRIES
    }

    /// Taken up by a worker, to be committed before the endpoint is asked: it counts as tried, and nobody else takes it
    /// for a lease.
    pub fn taken(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.taken", |delivery| {
            delivery.tries += 1;
            delivery.asked_for = false;
            (delivery.next_try_at, delivery.lease_until) = (now + LEASE, now + LEASE);
        })
    }

    /// A try came to this. What failed rests, longer each time, and no shorter than the receiver `asked`; `jitter` makes
    /// the rest up to a tenth longer. After the last try it has failed.
    pub fn tried(self, attempt: Attempt, asked: Option<SignedDuration>, jitter: u8, now: Timestamp) -> Change<Self> {
        let rest = self.tries.checked_sub(1).and_then(|tried| RESTS.get(usize::try_from(tried).ok()?)).copied();
        let succeeded = attempt.succeeded();
        let change = self.changed(now, "webhook_delivery.tried", |delivery| {
            delivery.attempts.push(attempt);
            let kept = delivery.attempts.len().saturating_sub(MAX_ATTEMPTS);
            delivery.attempts.drain(..kept);
        });
        match (succeeded, rest) {
            (true, _) => change.ending(DeliveryStatus::Succeeded, None, now),
            (false, None) => change.ending(DeliveryStatus::Failed, Some("too_many_tries"), now),
            (false, Some(rest)) => change.resting(rest, asked, jitter, now),
        }
    }

    /// It is given up.
    pub fn failed(self, reason: &'static str, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.failed", |_| {}).ending(DeliveryStatus::Failed, Some(reason), now)
    }

    /// It waits for its endpoint.
    pub fn park(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.parked", |delivery| delivery.parked = true)
    }

    /// It waits no longer.
    pub fn released(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.released", |delivery| {
            delivery.parked = false;
            (delivery.next_try_at, delivery.lease_until) = (now, now + LEASE);
        })
    }

    /// It begins anew. Where somebody asked for it, it is tried though its endpoint rests.
    pub fn again(self, asked_for: bool, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.queued", |delivery| {
            delivery.status = DeliveryStatus::Pending;
            (delivery.reason, delivery.finished_at) = (None, None);
            (delivery.tries, delivery.parked, delivery.asked_for) = (0, false, asked_for);
            (delivery.next_try_at, delivery.lease_until) = (now, now + LEASE);
        })
    }

    /// The clock queued it again.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "webhook_delivery.looked_after", |delivery| delivery.lease_until = now + PATIENCE)
    }

    fn changed(self, now: Timestamp, kind: &'static str, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }
}

impl Change<WebhookDelivery> {
    fn ending(mut self, status: DeliveryStatus, reason: Option<&'static str>, now: Timestamp) -> Self {
        self.after.status = status;
        self.after.reason = reason.map(str::to_owned);
        self.after.parked = false;
        self.after.finished_at = Some(now);
        self
    }

    fn resting(mut self, rest: SignedDuration, asked: Option<SignedDuration>, jitter: u8, now: Timestamp) -> Self {
        let longer = rest + rest * i32::from(jitter) / (10 * 256);
        let until = now + longer.max(asked.unwrap_or_default().min(LONGEST_ASKED));
        (self.after.next_try_at, self.after.lease_until) = (until, until);
        self
    }
}

impl Record for WebhookDelivery {
    const KIND: &'static str = "webhook_delivery";
    type Id = WebhookDeliveryId;

    fn id(&self) -> WebhookDeliveryId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let Self { endpoint, status, .. } = self;
        let mut lists = vec![
            List::new(Slot::One, "endpoint", endpoint),
            List::new(Slot::Two, "status", format!("{endpoint}#{status}")),
        ];
        if self.parked {
            lists.push(List::new(Slot::Three, "parked", endpoint));
        }
        lists
    }
    /// One that its queue or its worker lost, or whose rest is over, is found by the clock. Of those that wait for an
    /// endpoint only [its own look](super::WebhookHealth) is due, however many they are.
    fn due(&self) -> Option<Timestamp> {
        (self.status == DeliveryStatus::Pending && !self.parked).then_some(self.lease_until)
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.meta.created_at + KEPT)
    }
    /// What machines elsewhere answer.
    const SEALED: &'static [&'static str] = &["attempts"];
    /// Its attempts are its history, and an event of a delivery would make deliveries of its own.
    const REMEMBERED: bool = false;
}

//! What a provider told us of, kept as it came, and what became of it; and what it is asked to tell again.

mod backfill;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::integration::Provider;
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, IntegrationId, MessageId, OrganizationId, ProviderDeliveryId};

pub use backfill::{BACKFILL_DAYS, Backfill, BackfillNext, BackfillTally, MAX_BACKFILL_STEPS, MAX_NAMED_FORMS};

/// Deliveries are kept for so many days.
pub const KEPT_DAYS: i64 = 30;
/// A delivery that nobody took up is queued again after this time: its queue may have lost it.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// A delivery that the clock queued again is left to its queue for this long.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// The rests after each try that failed: after the last of them comes the last try.
pub const RESTS: [SignedDuration; 5] = [
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
];
/// After so many tries a delivery has failed.
pub const MAX_TRIES: u32 = 6;
/// A body of so many bytes lies in the record; a longer one lies among the files, as each list holds the record again.
pub const INLINE: usize = 4 * 1024;
const MAX_WORDS: usize = 300;

wire_enum! {
    /// Where a delivery stands.
    DeliveryStatus, "unknown_delivery_status",
    /// It waits, or is tried again.
    Received = "received",
    /// What it told was done.
    Processed = "processed",
    /// It told nothing that was to be done.
    Ignored = "ignored",
    /// It was given up; it can be replayed.
    Failed = "failed",
}

/// What a provider told in one request, or what it is asked to tell again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDelivery {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ProviderDeliveryId,
    /// The connection that it came over.
    pub integration_id: IntegrationId,
    /// Whose service that is.
    pub provider: Provider,
    /// The provider's own id of it, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Our message that it is of, where the address that its provider called says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// What kind of body it has, as it came.
    pub content_type: String,
    /// How many bytes.
    pub bytes: u32,
    /// The body as it came; `None` where it lies among the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Tries that failed.
    pub tries: u32,
    /// It is not tried before this.
    pub next_try_at: Timestamp,
    /// When the clock queues it again, while it waits.
    pub lease_until: Timestamp,
    /// When it was dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed_at: Option<Timestamp>,
    /// What was done, in a word or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The record that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What the provider is asked for, where nothing came from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Box<Backfill>>,
}

/// A request of a provider whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The provider's own id of it, where it has one.
    pub event_id: Option<String>,
    /// Our message that it is of, where the address that was called says so.
    pub message: Option<MessageId>,
    /// What kind of body it has.
    pub content_type: String,
    /// How many bytes.
    pub bytes: usize,
    /// The body, where it is text of at most [`INLINE`] bytes.
    pub body: Option<String>,
}

/// What a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// Something was done about a record.
    Done {
        /// What.
        outcome: &'static str,
        /// The record.
        subject: String,
    },
    /// There was nothing to do.
    Ignored(&'static str),
}

impl ProviderDelivery {
    /// It arrived.
    pub fn receive(
        id: ProviderDeliveryId,
        organization: OrganizationId,
        (integration_id, provider): (IntegrationId, Provider),
        arrived: Arrived,
        now: Timestamp,
    ) -> Change<Self> {
        let Arrived { event_id, message, content_type, bytes, body } = arrived;
        let delivery = Self {
            meta: Meta::new(organization, now),
            id,
            integration_id,
            provider,
            event_id,
            message,
            content_type,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            body,
            status: DeliveryStatus::Received,
            tries: 0,
            next_try_at: now,
            lease_until: now + LEASE,
            processed_at: None,
            outcome: None,
            subject: None,
            failure: None,
            backfill: None,
        };
        Change::create(delivery, "provider_delivery.received")
    }

    /// Its provider is asked for what it may have told while nobody listened. The body is what was asked.
    pub fn fill_back(
        id: ProviderDeliveryId,
        organization: OrganizationId,
        from: (IntegrationId, Provider),
        backfill: Backfill,
        now: Timestamp,
    ) -> Change<Self> {
        let body = json!({"since": backfill.since, "form_ids": backfill.named}).to_string();
        let content_type = "application/json".to_owned();
        let asked = Arrived { event_id: None, message: None, content_type, bytes: body.len(), body: Some(body) };
        let mut change = Self::receive(id, organization, from, asked, now);
        change.after.backfill = Some(Box::new(backfill));
        change
    }

    /// A step of a backfill was done; the last of them ends it. What failed before it counts no more.
    pub fn filled_back(self, backfill: Backfill, now: Timestamp) -> Change<Self> {
        let ends = backfill.next() == BackfillNext::Nothing;
        let kind = if ends { "provider_delivery.handled" } else { "provider_delivery.moved" };
        self.changed(now, kind, |delivery| {
            delivery.tries = 0;
            delivery.failure = None;
            delivery.next_try_at = now;
            delivery.lease_until = now + LEASE;
            if ends {
                delivery.status = DeliveryStatus::Processed;
                delivery.processed_at = Some(now);
                delivery.outcome = Some("filled_back".to_owned());
            }
            delivery.backfill = Some(Box::new(backfill));
        })
    }

    /// Whether a worker may take it up.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.status == DeliveryStatus::Received && self.next_try_at <= now
    }

    /// It was dealt with.
    pub fn handled(self, handled: Handled, now: Timestamp) -> Change<Self> {
        self.changed(now, "provider_delivery.handled", |delivery| {
            delivery.processed_at = Some(now);
            delivery.failure = None;
            match handled {
                Handled::Done { outcome, subject } => {
                    delivery.status = DeliveryStatus::Processed;
                    delivery.outcome = Some(outcome.to_owned());
                    delivery.subject = Some(subject);
                }
                Handled::Ignored(outcome) => {
                    delivery.status = DeliveryStatus::Ignored;
                    delivery.outcome = Some(outcome.to_owned());
                }
            }
        })
    }

    /// A try failed: it rests, longer each time; after the last try it has failed.
    pub fn not_handled(self, why: &str, now: Timestamp) -> Change<Self> {
        let rest = usize::try_from(self.tries).ok().and_then(|tried| RESTS.get(tried)).copied();
        let Some(rest) = rest else { return self.given_up(why, now) };
        self.changed(now, "provider_delivery.postponed", |delivery| {
            delivery.tries += 1;
            delivery.next_try_at = now + rest;
            delivery.lease_until = now + rest;
            delivery.failure = Some(words(why));
        })
    }

    /// It cannot be done, however often it is tried.
    pub fn given_up(self, why: &str, now: Timestamp) -> Change<Self> {
        self.changed(now, "provider_delivery.failed", |delivery| {
            delivery.tries = delivery.tries.saturating_add(1);
            delivery.status = DeliveryStatus::Failed;
            delivery.failure = Some(words(why));
        })
    }

    /// Its provider is left alone for a while: that is no try.
    pub fn put_off(self, until: Timestamp, now: Timestamp) -> Change<Self> {
        self.changed(now, "provider_delivery.postponed", |delivery| {
            delivery.next_try_at = until;
            delivery.lease_until = until;
        })
    }

    /// The clock queues it again. One whose rest is over goes on as it was; of another nobody knows what became of its
    /// last try, which counts, so that a delivery that kills its workers comes to an end.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        let rested = self.lease_until == self.next_try_at;
        if !rested && self.tries + 1 >= MAX_TRIES {
            return self.given_up("nobody knows what became of its last try", now);
        }
        self.changed(now, "provider_delivery.looked_after", |delivery| {
            delivery.tries += u32::from(!rested);
            delivery.lease_until = now + PATIENCE;
        })
    }

    /// Somebody wants it to be tried anew, whatever became of it; a backfill from its beginning.
    pub fn replayed(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "provider_delivery.replayed", |delivery| {
            delivery.status = DeliveryStatus::Received;
            delivery.tries = 0;
            delivery.next_try_at = now;
            delivery.lease_until = now + LEASE;
            delivery.processed_at = None;
            delivery.outcome = None;
            delivery.subject = None;
            delivery.failure = None;
            delivery.backfill = delivery.backfill.take().map(|backfill| Box::new(backfill.anew()));
        })
    }

    fn changed(self, now: Timestamp, kind: &'static str, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }

    /// The value of the list of a connection's deliveries that stand so.
    pub fn status_value(integration: IntegrationId, status: DeliveryStatus) -> String {
        format!("{integration}#{status}")
    }
}

fn words(why: &str) -> String {
    why.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect()
}

impl Record for ProviderDelivery {
    const KIND: &'static str = "provider_delivery";
    type Id = ProviderDeliveryId;

    fn id(&self) -> ProviderDeliveryId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![
            List::new(Slot::One, "integration", self.integration_id),
            List::new(Slot::Two, "status", Self::status_value(self.integration_id, self.status)),
        ]
    }
    /// One that its queue or its worker lost, or whose rest is over, is found by the clock.
    fn due(&self) -> Option<Timestamp> {
        (self.status == DeliveryStatus::Received).then_some(self.lease_until)
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.meta.created_at + SignedDuration::from_hours(24 * KEPT_DAYS))
    }
    /// Providers tell of people.
    const SEALED: &'static [&'static str] = &["body", "failure"];
    /// What follows from it has a history of its own.
    const REMEMBERED: bool = false;
}

/// What the queue of deliveries carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// The delivery.
    pub delivery: ProviderDeliveryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(now: Timestamp) -> ProviderDelivery {
        let id = ProviderDeliveryId::at(now, [1; 10]);
        let from = (IntegrationId::at(now, [2; 10]), Provider::Telephony);
        let (content_type, body) = (String::new(), Some("{}".to_owned()));
        let arrived = Arrived { event_id: None, message: None, content_type, bytes: 2, body };
        ProviderDelivery::receive(id, OrganizationId::PLATFORM, from, arrived, now).after
    }

    #[test]
    fn it_rests_longer_each_time_and_then_has_failed_until_it_is_replayed() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut delivery = arrived(now);
        for rest in RESTS {
            assert!(delivery.is_waiting(now));
            delivery = delivery.not_handled("busy", now).after;
            assert_eq!((delivery.is_waiting(now), delivery.due()), (false, Some(now + rest)));
            now += rest;
        }
        delivery = delivery.not_handled("busy", now).after;
        assert_eq!((delivery.status, delivery.tries, delivery.due()), (DeliveryStatus::Failed, MAX_TRIES, None));
        let again = delivery.replayed(now).after;
        assert!(again.is_waiting(now) && again.due() == Some(now + LEASE));
    }

    #[test]
    fn one_that_kills_its_workers_comes_to_an_end() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut delivery = arrived(now);
        let mut looks = 0;
        while let Some(at) = delivery.due() {
            now = at;
            delivery = delivery.looked_after(now).after;
            looks += 1;
        }
        assert_eq!((delivery.status, looks), (DeliveryStatus::Failed, MAX_TRIES));
    }

    #[test]
    fn a_rest_that_is_over_is_no_try() {
        let now = Timestamp::UNIX_EPOCH;
        let rests = arrived(now).not_handled("busy", now).after;
        assert_eq!(rests.looked_after(now + RESTS[0]).after.tries, 1);
        let off = arrived(now).put_off(now + LEASE, now).after;
        assert_eq!((off.tries, off.due()), (0, Some(now + LEASE)));
    }
}

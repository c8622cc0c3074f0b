//! How a connection fares: when it last went well and badly, and whether its provider is left alone for a while.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{Meta, Record};
use crate::values::wire_enum;
use crate::{Change, IntegrationHealthId, IntegrationId, OrganizationId};

/// So many failures in a row open the circuit.
const OPENS_AFTER: u32 = 5;
/// An open circuit lets one try through after this time.
const RESTS: SignedDuration = SignedDuration::from_mins(1);
/// A success is noted at most so often, so that a busy connection is not written with each delivery.
const SUCCESS_NOTED: SignedDuration = SignedDuration::from_mins(1);
const HOUR: i64 = 3_600;
const A_DAY: i64 = 24;
const MAX_FAILURE_CHARS: usize = 500;

wire_enum! {
    /// Whether a provider is asked.
    Circuit, "unknown_circuit",
    /// It is.
    Closed = "closed",
    /// It failed too often in a row and is left alone.
    Open = "open",
    /// It was left alone long enough: the next try decides.
    HalfOpen = "half_open",
}

/// How a connection fares. It is found by its connection's own UUID, and beside it, so that what providers do does not
/// get into the way of those who change its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationHealth {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: IntegrationHealthId,
    /// When something last went well, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success_at: Option<Timestamp>,
    /// When something last failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// How often the provider did not answer, since it last did.
    pub in_a_row: u32,
    /// Failures by the hours of the epoch in which they were, of the last day.
    pub by_hour: Vec<(i64, u32)>,
}

impl IntegrationHealth {
    /// The id of a connection's.
    pub const fn id_of(integration: IntegrationId) -> IntegrationHealthId {
        IntegrationHealthId::from_uuid(integration.uuid())
    }

    /// Of a connection of which nothing is known yet.
    pub const fn unknown(integration: IntegrationId, organization: OrganizationId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(integration),
            last_success_at: None,
            last_failure_at: None,
            last_failure: None,
            in_a_row: 0,
            by_hour: Vec::new(),
        }
    }

    /// Whether the provider is asked.
    pub fn circuit(&self, now: Timestamp) -> Circuit {
        match self.last_failure_at {
            Some(at) if self.in_a_row >= OPENS_AFTER => {
                if now < at + RESTS {
                    Circuit::Open
                } else {
                    Circuit::HalfOpen
                }
            }
            _ => Circuit::Closed,
        }
    }

    /// When the provider is asked again, where it is left alone now.
    pub fn left_alone_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.last_failure_at? + RESTS;
        (self.circuit(now) == Circuit::Open).then_some(until)
    }

    /// Failures of the last 24 hours, to the hour.
    pub fn failures_in_a_day(&self, now: Timestamp) -> u32 {
        let since = hour_of(now) - A_DAY;
        self.by_hour.iter().filter(|(hour, _)| *hour > since).map(|(_, number)| number).sum()
    }

    /// Something went well; `None` where that is no news.
    pub fn succeeded(self, now: Timestamp) -> Option<Change<Self>> {
        let noted = self.last_success_at.is_some_and(|at| now < at + SUCCESS_NOTED);
        if noted && self.in_a_row == 0 {
            return None;
        }
        Some(self.changed(now, |health| {
            health.last_success_at = Some(now);
            health.in_a_row = 0;
        }))
    }

    /// The provider did not answer, or failed.
    pub fn failed(self, why: &str, now: Timestamp) -> Change<Self> {
        let in_a_row = self.in_a_row.saturating_add(1);
        self.missed(why, in_a_row, now)
    }

    /// Something was not done, but the provider answered: it works.
    pub fn refused(self, why: &str, now: Timestamp) -> Change<Self> {
        self.missed(why, 0, now)
    }

    fn missed(self, why: &str, in_a_row: u32, now: Timestamp) -> Change<Self> {
        self.changed(now, |health| {
            health.last_failure_at = Some(now);
            health.last_failure = Some(why.chars().filter(|c| !c.is_control()).take(MAX_FAILURE_CHARS).collect());
            health.in_a_row = in_a_row;
            let this = hour_of(now);
            health.by_hour.retain(|(hour, _)| *hour > this - A_DAY && *hour <= this);
            match health.by_hour.iter_mut().find(|(hour, _)| *hour == this) {
                Some((_, number)) => *number = number.saturating_add(1),
                None => health.by_hour.push((this, 1)),
            }
        })
    }

    fn changed(self, now: Timestamp, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        if self.meta.version == 0 {
            return Change::create(after, "integration_health.noted");
        }
        Change::update(self, after, "integration_health.noted")
    }
}

fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

impl Record for IntegrationHealth {
    const KIND: &'static str = "integration_health";
    type Id = IntegrationHealthId;

    fn id(&self) -> IntegrationHealthId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    /// Providers repeat addresses and numbers in the reason of a failure.
    const SEALED: &'static [&'static str] = &["last_failure"];
    /// What happened stands in the log of integrations.
    const REMEMBERED: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(now: Timestamp) -> IntegrationHealth {
        IntegrationHealth::unknown(IntegrationId::at(now, [1; 10]), OrganizationId::PLATFORM, now)
    }

    #[test]
    fn failures_in_a_row_open_the_circuit_and_a_success_closes_it() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut health = new(now);
        for _ in 0..OPENS_AFTER {
            assert_eq!(health.circuit(now), Circuit::Closed);
            health = health.failed("503", now).after;
        }
        assert_eq!((health.circuit(now), health.left_alone_until(now)), (Circuit::Open, Some(now + RESTS)));
        now += RESTS;
        assert_eq!((health.circuit(now), health.left_alone_until(now)), (Circuit::HalfOpen, None));
        let again = health.clone().failed("503", now).after;
        assert_eq!(again.circuit(now), Circuit::Open);
        let well = health.succeeded(now).expect("news").after;
        assert_eq!((well.circuit(now), well.failures_in_a_day(now)), (Circuit::Closed, OPENS_AFTER));
    }

    #[test]
    fn a_provider_that_refuses_answers() {
        let now = Timestamp::UNIX_EPOCH;
        let mut health = new(now);
        for _ in 0..OPENS_AFTER {
            health = health.refused("no such number", now).after;
        }
        assert_eq!((health.circuit(now), health.failures_in_a_day(now)), (Circuit::Closed, OPENS_AFTER));
    }

    #[test]
    fn failures_are_forgotten_after_a_day_and_few_hours_are_kept() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut health = new(now);
        for _ in 0..100 {
            health = health.failed("503", now).after;
            now += SignedDuration::from_mins(30);
        }
        assert!(health.by_hour.len() <= 24 && health.failures_in_a_day(now) <= 48);
        assert_eq!(health.failures_in_a_day(now + SignedDuration::from_hours(25)), 0);
    }

    #[test]
    fn a_success_is_noted_once_a_minute() {
        let now = Timestamp::UNIX_EPOCH;
        let mut health = new(now).succeeded(now).expect("news").after;
        health.meta.version = 1;
        assert!(health.clone().succeeded(now + SignedDuration::from_secs(59)).is_none());
        assert!(health.succeeded(now + SUCCESS_NOTED).is_some());
    }
}

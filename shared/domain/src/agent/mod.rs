//! An agent: somebody who works leads, what they are doing now, and how well it goes.

mod did;
mod score;
mod seconds;

use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::date_range::{DateRange, start_of_day};
use crate::record::{Meta, Record};
use crate::{AgentId, Change, Count, Invalid, OrganizationId, UserId};

pub use did::Did;
pub use score::{DEFAULT_DAILY_TARGET, Part, Performance, Share, Work};
pub use seconds::{SecondsCounted, StatusSeconds};

/// The figure of seconds in a status, a day (in UTC), of the person alone.
pub const SECONDS: &str = "agent_seconds";
/// Of a stay that went on for longer, so many days (the last ones) are counted by the day: they must fit beside one
/// event. The totals know no such bound.
const DAYS_COUNTED: i64 = 90;
const DAY: i64 = 86_400;

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// Takes calls.
    Available,
    /// Is in one.
    OnCall,
    /// Writes down what one came to.
    WrapUp,
    /// Takes a rest.
    Break,
    /// Is not there.
    Offline,
}

impl AgentStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Available, Self::OnCall, Self::WrapUp, Self::Break, Self::Offline];

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::OnCall => "on_call",
            Self::WrapUp => "wrap_up",
            Self::Break => "break",
            Self::Offline => "offline",
        }
    }
}

impl FromStr for AgentStatus {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_status", "must be available, on_call, wrap_up, break or offline"))
    }
}

/// What an agent is doing and how long they have stayed in each status. Seconds are those of the timestamps, fractions
/// dropped, so that they add up exactly to the time since the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentState {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the user's UUID, so that it is found without a look-up.
    pub id: AgentId,
    /// The person.
    pub user: UserId,
    /// What they are doing.
    pub status: AgentStatus,
    /// Since when.
    pub since: Timestamp,
    /// Of all completed stays.
    pub total: StatusSeconds,
    /// When the day of the last change began, or they did, whichever is later.
    pub day: Timestamp,
    /// Of the completed stays from then on.
    pub today: StatusSeconds,
}

impl AgentState {
    /// The id of a user's state.
    pub const fn id_of(user: UserId) -> AgentId {
        AgentId::from_uuid(user.uuid())
    }

    /// Somebody who never said what they are doing: offline since they came.
    pub fn begin(organization: OrganizationId, user: UserId, came: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, came),
            id: Self::id_of(user),
            user,
            status: AgentStatus::Offline,
            since: came,
            total: StatusSeconds::default(),
            day: came,
            today: StatusSeconds::default(),
        }
    }

    /// They do something else; where they did it already, nothing changes. A clock that went back counts as one that
    /// stood still. Days are those of `zone`.
    pub fn change(self, to: AgentStatus, why: Option<String>, now: Timestamp, zone: &TimeZone) -> Change<Self> {
        let (from, now) = (self.status, now.max(self.since));
        let mut after = self.clone();
        if to == from {
            return Change::update(self, after, "agent.status_changed");
        }
        (after.today, after.total) = self.seconds(now, zone);
        after.day = self.day.max(beginning_of_day(now, zone));
        (after.status, after.since) = (to, now);
        after.meta.updated_at = now;
        let counts: Vec<Count> = by_day(self.since, now)
            .map(|(day, seconds)| Count {
                by: seconds,
                ..Count::daily(SECONDS, None, day, from.as_str()).of(Some(self.user))
            })
            .collect();
        let kind = "agent.status_changed";
        let change =
            if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) };
        change.because(why).with("from", from).with("to", to).counting(counts)
    }

    /// How long they have been in each status by now: today, and in all. The stay that goes on is in both.
    pub fn seconds(&self, now: Timestamp, zone: &TimeZone) -> (StatusSeconds, StatusSeconds) {
        let now = now.max(self.since);
        let day = beginning_of_day(now, zone);
        let mut today = if self.day >= day { self.today } else { StatusSeconds::default() };
        today.add(self.status, seconds_between(self.since.max(day), now));
        let mut total = self.total;
        total.add(self.status, seconds_between(self.since, now));
        (today, total)
    }

    /// Of the stay that goes on, the seconds in a range of days in UTC.
    pub fn running_in(&self, range: DateRange, now: Timestamp) -> u64 {
        let (from, until) = range.instants(&TimeZone::UTC);
        seconds_between(self.since.max(from), now.min(until))
    }
}

fn beginning_of_day(now: Timestamp, zone: &TimeZone) -> Timestamp {
    start_of_day(now.to_zoned(zone.clone()).date(), zone).unwrap_or(now)
}

fn seconds_between(from: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.as_second() - from.as_second()).unwrap_or(0)
}

/// The last days of a stay, each with its seconds.
fn by_day(from: Timestamp, until: Timestamp) -> impl Iterator<Item = (Timestamp, i64)> {
    let (from, until) = (from.as_second(), until.as_second());
    let (first, last) = (from.div_euclid(DAY), until.div_euclid(DAY));
    (first.max(last - DAYS_COUNTED + 1)..=last).filter_map(move |day| {
        let (begin, end) = ((day * DAY).max(from), ((day + 1) * DAY).min(until));
        Some((Timestamp::from_second(day * DAY).ok()?, end - begin)).filter(|(_, seconds)| *seconds > 0)
    })
}

impl Record for AgentState {
    const KIND: &'static str = "agent";
    type Id = AgentId;

    fn id(&self) -> AgentId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    const DERIVED: &'static [&'static str] = &["since", "total", "day", "today"];
}

#[cfg(test)]
mod tests;

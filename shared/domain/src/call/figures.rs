//! The figures that a call is counted in once it is over, and how they read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Call, CallOutcome, CallStatus};
use crate::{Change, Count, Counted};

/// The figure of calls that are over, a day, by `status|outcome` (`none` without one), of the branch and of the agent.
/// Beside it stand the seconds talked (`s`), and how many of the calls were of each [`Length`] (`b0` to `b4`) and were
/// over in each half hour of the day in UTC (`h0` to `h47`): a call is one step of one figure, whatever is asked of it.
pub const CALLS: &str = "calls";
/// A day has so many half hours.
pub const HALF_HOURS: usize = 48;

const SECONDS: &str = "s";
const NO_OUTCOME: &str = "none";

/// How long a call was, in bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub enum Length {
    /// Nobody talked.
    #[serde(rename = "0")]
    Nothing,
    /// Less than a minute.
    #[serde(rename = "under_1m")]
    UnderOneMinute,
    /// From one minute to less than three.
    #[serde(rename = "1m_to_3m")]
    UnderThree,
    /// From three minutes to less than ten.
    #[serde(rename = "3m_to_10m")]
    UnderTen,
    /// Ten minutes and more.
    #[serde(rename = "over_10m")]
    TenAndMore,
}

impl Length {
    /// All of them, the shortest first.
    pub const ALL: [Self; 5] =
        [Self::Nothing, Self::UnderOneMinute, Self::UnderThree, Self::UnderTen, Self::TenAndMore];

    /// The band of so many seconds.
    pub const fn of(seconds: u32) -> Self {
        match seconds {
            0 => Self::Nothing,
            1..60 => Self::UnderOneMinute,
            60..180 => Self::UnderThree,
            180..600 => Self::UnderTen,
            600.. => Self::TenAndMore,
        }
    }

    /// Its first second, and the first that is no more of it.
    pub const fn seconds(self) -> (u32, Option<u32>) {
        match self {
            Self::Nothing => (0, Some(1)),
            Self::UnderOneMinute => (1, Some(60)),
            Self::UnderThree => (60, Some(180)),
            Self::UnderTen => (180, Some(600)),
            Self::TenAndMore => (600, None),
        }
    }

    fn part(self) -> String {
        format!("b{}", self as u8)
    }
}

fn half_hour(at: Timestamp) -> usize {
    let time = at.to_zoned(TimeZone::UTC).time();
    usize::try_from(i32::from(time.hour()) * 2 + i32::from(time.minute()) / 30).unwrap_or(0)
}

/// Calls of one day, status and outcome, as they were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallsCounted {
    /// The day on which they were over, in UTC.
    pub day: Date,
    /// Where they stand.
    pub status: CallStatus,
    /// What came of them.
    pub outcome: Option<CallOutcome>,
    /// How many.
    pub number: u64,
    /// The seconds talked in all of them.
    pub seconds: u64,
    /// How many were of each [`Length`], in the order of [`Length::ALL`].
    pub lengths: [u64; Length::ALL.len()],
    /// How many were over in each half hour of the day.
    pub half_hours: [u64; HALF_HOURS],
}

impl CallsCounted {
    /// Whether they were answered.
    pub fn connected(&self) -> bool {
        self.status == CallStatus::Completed
    }
}

impl Counted for CallsCounted {
    const METRIC: &'static str = CALLS;

    fn read(day: Date, dimension: &str, number: u64, parts: &BTreeMap<String, u64>) -> Option<Self> {
        let (status, outcome) = dimension.split_once('|')?;
        let outcome = if outcome == NO_OUTCOME { None } else { Some(outcome.parse().ok()?) };
        let part = |name: &str| parts.get(name).copied().unwrap_or(0);
        Some(Self {
            day,
            status: status.parse().ok()?,
            outcome,
            number,
            seconds: part(SECONDS),
            lengths: Length::ALL.map(|length| part(&length.part())),
            half_hours: std::array::from_fn(|place| part(&format!("h{place}"))),
        })
    }
}

impl Call {
    /// The figures that it is counted in: those of the day it was over.
    pub(super) fn figures(&self) -> Vec<Count> {
        let (Some(ended_at), None) = (self.ended_at, self.meta.deleted_at) else { return Vec::new() };
        let outcome = self.outcome.map_or(NO_OUTCOME, CallOutcome::as_str);
        let seconds = self.duration_seconds.unwrap_or(0);
        let figure = Count::daily(CALLS, Some(self.branch_id), ended_at, format!("{}|{outcome}", self.status))
            .of(Some(self.agent))
            .and(Length::of(seconds).part(), 1)
            .and(format!("h{}", half_hour(ended_at)), 1);
        vec![if seconds > 0 { figure.and(SECONDS, seconds.into()) } else { figure }]
    }

    /// A change of it with the steps of its figures.
    pub(super) fn changed(self, after: Self, kind: &'static str) -> Change<Self> {
        let steps = Count::steps(self.figures(), after.figures());
        Change::update(self, after, kind).counting(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_is_of_one_length() {
        for seconds in 0..2_000 {
            let within = |length: &Length| {
                let (from, until) = length.seconds();
                from <= seconds && until.is_none_or(|until| seconds < until)
            };
            let found: Vec<Length> = Length::ALL.into_iter().filter(within).collect();
            assert_eq!(found, [Length::of(seconds)]);
        }
    }

    #[test]
    fn a_row_reads_as_it_was_counted() {
        let parts = BTreeMap::from([("s".to_owned(), 95), ("b2".to_owned(), 1), ("h47".to_owned(), 1)]);
        let day: Date = "2026-11-20".parse().expect("a day");
        let read = CallsCounted::read(day, "completed|none", 1, &parts).expect("a row");
        assert_eq!((read.outcome, read.seconds, read.lengths, read.half_hours[47]), (None, 95, [0, 0, 1, 0, 0], 1));
        assert!(read.connected());
        assert_eq!(CallsCounted::read(day, "gone|none", 1, &parts), None);
        assert_eq!(half_hour("2026-11-20T23:30:00Z".parse().expect("a time")), 47);
    }
}

//! When a reminder comes again.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::values::wire_enum;

/// A reminder comes again after at most so many days, weeks or months.
const MAX_INTERVAL: u32 = 366;

wire_enum! {
    /// What a repeat counts.
    RepeatEvery, "unknown_repeat",
    /// Days.
    Daily = "daily",
    /// Weeks.
    Weekly = "weekly",
    /// Months; a day that a month lacks is its last one.
    Monthly = "monthly",
}

/// How a reminder comes again: at the same time of the day as people read it on their clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// What is counted.
    every: RepeatEvery,
    /// How many of them lie between two.
    interval: u32,
    /// None comes after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// When the first one was due; all are counted from it.
    anchor: Timestamp,
}

impl Repeat {
    /// From a first time on, every so many days, weeks or months (1 to 366).
    pub fn new(
        every: RepeatEvery,
        interval: u32,
        until: Option<Timestamp>,
        anchor: Timestamp,
    ) -> Result<Self, Invalid> {
        if (1..=MAX_INTERVAL).contains(&interval) {
            Ok(Self { every, interval, until, anchor })
        } else {
            Err(Invalid::new("out_of_range", "must be 1 to 366"))
        }
    }

    /// What is counted.
    pub const fn every(&self) -> RepeatEvery {
        self.every
    }

    /// How many of them lie between two.
    pub const fn interval(&self) -> u32 {
        self.interval
    }

    /// None comes after this moment.
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The same, counted from another first time.
    #[must_use]
    pub const fn from(self, anchor: Timestamp) -> Self {
        Self { anchor, ..self }
    }

    /// The first time after `after`, on the clocks of `zone`; `None` where the last one has been.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let anchor = self.anchor.to_zoned(zone.clone());
        let (first, then) = (anchor.date(), after.to_zoned(zone.clone()).date());
        let days = i64::from((then - first).get_days());
        let months = (i64::from(then.year()) - i64::from(first.year())) * 12 + i64::from(then.month())
            - i64::from(first.month());
        let step = i64::from(self.interval);
        let passed = match self.every {
            RepeatEvery::Daily => days,
            RepeatEvery::Weekly => days.div_euclid(7),
            RepeatEvery::Monthly => months,
        };
        let near = passed.div_euclid(step).max(1);
        let next = (near..near + 3).find_map(|number| {
            let count = number * step;
            let span = match self.every {
                RepeatEvery::Daily => Span::new().try_days(count),
                RepeatEvery::Weekly => Span::new().try_weeks(count),
                RepeatEvery::Monthly => Span::new().try_months(count),
            };
            let at = anchor.checked_add(span.ok()?).ok()?.timestamp();
            (at > after).then_some(at)
        })?;
        self.until.is_none_or(|until| next <= until).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn zone(name: &str) -> TimeZone {
        crate::organization::zone(name).expect("a zone")
    }

    fn times(repeat: Repeat, zone: &TimeZone, count: usize) -> Vec<String> {
        let mut after = repeat.anchor;
        let mut times = Vec::new();
        while times.len() < count
            && let Some(next) = repeat.next_after(after, zone)
        {
            times.push(next.to_string());
            after = next;
        }
        times
    }

    #[test]
    fn a_day_that_a_month_lacks_is_its_last_one_and_comes_back() {
        let repeat = Repeat::new(RepeatEvery::Monthly, 1, None, at("2026-01-31T04:30:00Z")).expect("a repeat");
        let expected = ["2026-02-28T04:30:00Z", "2026-03-31T04:30:00Z", "2026-04-30T04:30:00Z"];
        assert_eq!(times(repeat, &zone("Asia/Kolkata"), 3), expected);
    }

    #[test]
    fn the_time_of_the_day_stays_when_clocks_change() {
        let repeat = Repeat::new(RepeatEvery::Daily, 1, None, at("2026-03-27T08:00:00Z")).expect("a repeat");
        let expected = ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"];
        assert_eq!(times(repeat, &zone("Europe/Berlin"), 3), expected);
    }

    #[test]
    fn none_comes_after_the_last_one() {
        let until = Some(at("2026-01-15T00:00:00Z"));
        let repeat = Repeat::new(RepeatEvery::Weekly, 1, until, at("2026-01-01T10:00:00Z")).expect("a repeat");
        assert_eq!(times(repeat, &TimeZone::UTC, 9), ["2026-01-08T10:00:00Z"]);
        assert!(Repeat::new(RepeatEvery::Daily, 0, None, at("2026-01-01T10:00:00Z")).is_err());
        assert!(Repeat::new(RepeatEvery::Daily, 367, None, at("2026-01-01T10:00:00Z")).is_err());
    }

    proptest! {
        /// Of all times of a series, the next is the first one after a moment.
        #[test]
        fn the_next_is_the_first_after_a_moment(
            which in 0_usize..3, interval in 1_u32..40, start in 1_700_000_000_i64..1_800_000_000, later in 0_i64..100_000_000
        ) {
            let anchor = Timestamp::from_second(start).expect("a time");
            let repeat = Repeat::new(RepeatEvery::ALL[which], interval, None, anchor).expect("a repeat");
            let (zone, after) = (zone("America/New_York"), Timestamp::from_second(start + later).expect("a time"));
            let next = repeat.next_after(after, &zone).expect("it goes on");
            prop_assert!(next > after);
            let mut one = anchor;
            while one <= after {
                one = repeat.next_after(one, &zone).expect("it goes on");
            }
            prop_assert_eq!(one, next);
        }
    }
}

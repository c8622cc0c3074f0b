//! Hours of the day in which nobody is disturbed.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::values::wire_enum;

wire_enum! {
    /// A day of the week.
    #[derive(PartialOrd, Ord)]
    Weekday, "unknown_day",
    /// Monday.
    Monday = "monday",
    /// Tuesday.
    Tuesday = "tuesday",
    /// Wednesday.
    Wednesday = "wednesday",
    /// Thursday.
    Thursday = "thursday",
    /// Friday.
    Friday = "friday",
    /// Saturday.
    Saturday = "saturday",
    /// Sunday.
    Sunday = "sunday",
}

impl Weekday {
    /// The day of a date.
    pub fn of(date: Date) -> Self {
        let place = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        Self::ALL[place]
    }
}

/// A time of the day to the minute, `22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(Time);

impl Minute {
    /// The time.
    pub const fn time(self) -> Time {
        self.0
    }
}

impl std::str::FromStr for Minute {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (hour, minute) = text.trim().split_once(':')?;
            let two = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() == 2;
            (two(hour) && two(minute)).then_some(())?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        read().map(Self).ok_or_else(|| Invalid::new("not_a_time", "must be a time of the day, such as 22:00"))
    }
}

impl std::fmt::Display for Minute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for Minute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Hours in which nobody is disturbed: from `start` up to `end` on the clock of the zone, over midnight where the end is
/// not behind the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When they begin.
    pub start: Minute,
    /// When they end.
    pub end: Minute,
    /// The days on which they begin; in the week's order, each once, at least one.
    pub days: Vec<Weekday>,
    /// The IANA zone whose clock counts; the person's where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl QuietHours {
    /// Those of these days; a stretch must have a length, and a day on which it begins.
    pub fn new(
        start: Minute,
        end: Minute,
        mut days: Vec<Weekday>,
        zone: Option<String>,
    ) -> Result<Self, (&'static str, Invalid)> {
        days.sort_unstable();
        days.dedup();
        if start == end {
            return Err(("end", Invalid::new("empty", "must be another time than start")));
        }
        if days.is_empty() {
            return Err(("days", Invalid::new("required", "must name a day")));
        }
        Ok(Self { start, end, days, zone })
    }

    /// Until when it is quiet at a moment, if it is; `usual` is the zone of the person.
    ///
    /// What the clock passes over or shows twice, where a zone changes its offset, is read as RFC 5545 reads it: a time in
    /// a gap is as much later, of two the first is meant.
    pub fn until(&self, at: Timestamp, usual: &TimeZone) -> Option<Timestamp> {
        let own = self.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let zone = own.as_ref().unwrap_or(usual);
        let today = at.to_zoned(zone.clone()).date();
        let begins = [today.checked_sub(1.day()).ok(), Some(today)];
        let ends = begins.into_iter().flatten().filter_map(|day| self.stretch(day, zone));
        ends.filter(|(start, end)| *start <= at && at < *end).map(|(_, end)| end).max()
    }

    /// The stretch that begins on a day.
    fn stretch(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        if !self.days.contains(&Weekday::of(day)) {
            return None;
        }
        let last = if self.end > self.start { day } else { day.checked_add(1.day()).ok()? };
        let moment = |date: Date, time: Minute| zone.to_timestamp(date.to_datetime(time.time())).ok();
        Some((moment(day, self.start)?, moment(last, self.end)?))
    }
}

//! Working time: what of the clock counts where people work in windows of the week, and not on holidays.
//!
//! A [`Calendar`] answers two questions that are each other's inverse: when is so much working time over
//! ([`Calendar::add`]), and how much of it lies between two moments ([`Calendar::between`]). A window is a stretch without
//! gaps, from the first moment of its day at which the clock on the wall shows its beginning to the first at which it shows
//! its end: where the night changes the clock, it is as much shorter or longer.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::wire_text;
use crate::{FieldInvalid, Invalid, Label};

/// A day has at most so many windows.
pub const MAX_WINDOWS: usize = 6;
/// A calendar has at most so many holidays.
pub const MAX_HOLIDAYS: usize = 200;
/// Working time is looked for so many days ahead, 30 years; what would be later is told as their end.
const MAX_DAYS: u32 = 366 * 30;
/// Minutes of a day on the wall.
const DAY: u16 = 24 * 60;

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(String);

impl Minute {
    /// The time as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Minutes since midnight.
    fn of_day(&self) -> u16 {
        minutes(&self.0).unwrap_or(0)
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok());
    let (hour, minute): (u16, u16) = (number(hour)??, number(minute)??);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY).then_some(of_day)
}

impl FromStr for Minute {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("not_a_time_of_day", "must be a time such as 09:00, 00:00 to 24:00");
        minutes(text).map(|_| Self(text.trim().to_owned())).ok_or_else(wrong)
    }
}

wire_text!(Minute, |schema| schema
    .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"))
    .examples([serde_json::json!("09:00")]));

/// A stretch of a day in which people work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorkingWindow)]
pub struct Window {
    /// Its beginning.
    pub from: Minute,
    /// Its end, up to `24:00`.
    pub until: Minute,
}

/// The windows of each day of the week, in their order; none for a day on which nobody works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = WorkingWeek)]
pub struct Week {
    /// Mondays.
    #[schema(max_items = 6)]
    pub monday: Vec<Window>,
    /// Tuesdays.
    #[schema(max_items = 6)]
    pub tuesday: Vec<Window>,
    /// Wednesdays.
    #[schema(max_items = 6)]
    pub wednesday: Vec<Window>,
    /// Thursdays.
    #[schema(max_items = 6)]
    pub thursday: Vec<Window>,
    /// Fridays.
    #[schema(max_items = 6)]
    pub friday: Vec<Window>,
    /// Saturdays.
    #[schema(max_items = 6)]
    pub saturday: Vec<Window>,
    /// Sundays.
    #[schema(max_items = 6)]
    pub sunday: Vec<Window>,
}

impl Week {
    /// Monday to Friday, nine to six.
    pub fn usual() -> Self {
        let day = || vec![Window { from: Minute("09:00".into()), until: Minute("18:00".into()) }];
        let (saturday, sunday) = (Vec::new(), Vec::new());
        Self { monday: day(), tuesday: day(), wednesday: day(), thursday: day(), friday: day(), saturday, sunday }
    }

    /// The windows of a day.
    pub fn on(&self, day: Weekday) -> &[Window] {
        match day {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }

    /// Reads `{"monday": [{"from": "09:00", "until": "18:00"}]}`; a day that is absent has no windows. Every wrong field is
    /// named.
    pub fn read(value: &Value) -> Result<Self, Vec<FieldInvalid>> {
        let Value::Object(object) = value else {
            let invalid = Invalid::new("not_object", "must be an object of the days of the week");
            return Err(vec![FieldInvalid::new("", invalid)]);
        };
        let (mut week, mut wrong) = (Self::default(), Vec::new());
        for (name, value) in object {
            let day = match name.as_str() {
                "monday" => &mut week.monday,
                "tuesday" => &mut week.tuesday,
                "wednesday" => &mut week.wednesday,
                "thursday" => &mut week.thursday,
                "friday" => &mut week.friday,
                "saturday" => &mut week.saturday,
                "sunday" => &mut week.sunday,
                _ => {
                    wrong.push(FieldInvalid::new(name, Invalid::new("unknown_day", "is no day of the week")));
                    continue;
                }
            };
            match windows(value) {
                Ok(windows) => *day = windows,
                Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within(name))),
            }
        }
        if wrong.is_empty() { Ok(week) } else { Err(wrong) }
    }
}

fn windows(value: &Value) -> Result<Vec<Window>, Vec<FieldInvalid>> {
    let Some(values) = value.as_array() else {
        return Err(vec![FieldInvalid::new("", Invalid::new("not_list", "must be a list of windows"))]);
    };
    if values.len() > MAX_WINDOWS {
        let invalid = Invalid::new("too_many", format!("must be at most {MAX_WINDOWS} windows"));
        return Err(vec![FieldInvalid::new("", invalid)]);
    }
    let (mut windows, mut wrong) = (Vec::<Window>::new(), Vec::new());
    for (place, value) in values.iter().enumerate() {
        let (from, until) = (text(value, "from"), text(value, "until"));
        let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(format!("{place}.{field}"), invalid));
        match (from, until) {
            (Ok(from), Ok(until)) if from >= until => {
                refuse("until", Invalid::new("not_after_from", "must be later than from"));
            }
            (Ok(from), Ok(_)) if windows.last().is_some_and(|before| from < before.until) => {
                refuse("from", Invalid::new("overlap", "must not be before the end of the window before it"));
            }
            (Ok(from), Ok(until)) => windows.push(Window { from, until }),
            (from, until) => {
                let refused = [("from", from.err()), ("until", until.err())];
                for (field, invalid) in refused {
                    if let Some(invalid) = invalid {
                        refuse(field, invalid);
                    }
                }
            }
        }
    }
    if wrong.is_empty() { Ok(windows) } else { Err(wrong) }
}

fn text<T: FromStr<Err = Invalid>>(value: &Value, name: &str) -> Result<T, Invalid> {
    match value.get(name) {
        None | Some(Value::Null) => Err(Invalid::required()),
        Some(Value::String(text)) => text.parse(),
        Some(_) => Err(Invalid::new("not_text", "must be text")),
    }
}

/// A day on which nobody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Holiday {
    /// Which.
    #[schema(value_type = String, format = Date, example = "2027-01-26")]
    pub date: Date,
    /// What people call it.
    pub name: Label,
    /// Whether it comes each year on that day.
    #[serde(default)]
    pub yearly: bool,
}

impl Holiday {
    /// Reads `[{"date": "2027-01-26", "name": "Republic Day", "yearly": true}]`. Every wrong field is named.
    pub fn read_all(value: &Value) -> Result<Vec<Self>, Vec<FieldInvalid>> {
        let Some(values) = value.as_array() else {
            return Err(vec![FieldInvalid::new("", Invalid::new("not_list", "must be a list of holidays"))]);
        };
        if values.len() > MAX_HOLIDAYS {
            let invalid = Invalid::new("too_many", format!("must be at most {MAX_HOLIDAYS} holidays"));
            return Err(vec![FieldInvalid::new("", invalid)]);
        }
        let (mut holidays, mut wrong) = (Vec::new(), Vec::new());
        for (place, value) in values.iter().enumerate() {
            let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(format!("{place}.{field}"), invalid));
            let date = text::<Day>(value, "date").map_err(|invalid| refuse("date", invalid)).ok();
            let name = text(value, "name").map_err(|invalid| refuse("name", invalid)).ok();
            let yearly = match value.get("yearly") {
                None | Some(Value::Null) => Some(false),
                Some(Value::Bool(yearly)) => Some(*yearly),
                Some(_) => {
                    refuse("yearly", Invalid::new("not_boolean", "must be true or false"));
                    None
                }
            };
            if let (Some(Day(date)), Some(name), Some(yearly)) = (date, name, yearly) {
                holidays.push(Self { date, name, yearly });
            }
        }
        if wrong.is_empty() { Ok(holidays) } else { Err(wrong) }
    }

    fn is_on(&self, day: Date) -> bool {
        self.date == day || (self.yearly && (self.date.month(), self.date.day()) == (day.month(), day.day()))
    }
}

struct Day(Date);

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = |_| Invalid::new("not_a_date", "must be a day such as 2027-01-26");
        text.trim().parse().map(Self).map_err(wrong)
    }
}

/// When people work.
#[derive(Clone)]
pub struct Calendar {
    zone: TimeZone,
    week: Week,
    holidays: Vec<Holiday>,
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar")
            .field("zone", &self.zone.iana_name())
            .field("week", &self.week)
            .finish_non_exhaustive()
    }
}

impl Calendar {
    /// A calendar of these windows in a zone, but for the holidays.
    pub const fn new(zone: TimeZone, week: Week, holidays: Vec<Holiday>) -> Self {
        Self { zone, week, holidays }
    }

    /// The windows of a day as moments, in their order; those that the clocks' change leaves nothing of are left out.
    pub fn on(&self, day: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let off = self.holidays.iter().any(|holiday| holiday.is_on(day));
        let windows = if off { &[] } else { self.week.on(day.weekday()) };
        let moments = windows.iter().map(move |window| (self.first(day, &window.from), self.first(day, &window.until)));
        moments.filter(|(from, until)| from < until)
    }

    /// When so much working time from `from` is over: the earliest such moment, which lies in a window or at its end. For
    /// none, `from` itself or else when the next window opens. Nothing is below none. Looks 30 years ahead at most.
    pub fn add(&self, from: Timestamp, working: SignedDuration) -> Timestamp {
        let mut left = working.max(SignedDuration::ZERO);
        let mut last = from;
        for day in self.days(from) {
            for (begins, ends) in self.on(day) {
                if ends < from {
                    continue;
                }
                let begins = begins.max(from);
                let here = ends.duration_since(begins);
                if left <= here {
                    return begins + left;
                }
                left -= here;
                last = ends;
            }
        }
        last
    }

    /// How much working time lies between two moments; below zero where the second is the earlier. Looks at 30 years at
    /// most.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> SignedDuration {
        if until < from {
            return -self.between(until, from);
        }
        let mut sum = SignedDuration::ZERO;
        for day in self.days(from) {
            for (begins, ends) in self.on(day) {
                if begins >= until {
                    return sum;
                }
                let (begins, ends) = (begins.max(from), ends.min(until));
                if begins < ends {
                    sum += ends.duration_since(begins);
                }
            }
            if self.midnight(day) > until {
                return sum;
            }
        }
        sum
    }

    /// Whether any window opens within a year from then: a calendar without one is no calendar.
    pub fn opens(&self, from: Timestamp) -> bool {
        self.days(from).take(366).any(|day| self.on(day).next().is_some())
    }

    /// The days from the one of a moment on.
    fn days(&self, from: Timestamp) -> impl Iterator<Item = Date> {
        let first = from.to_zoned(self.zone.clone()).date();
        let days = usize::try_from(MAX_DAYS).unwrap_or(usize::MAX);
        std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(days)
    }

    fn midnight(&self, day: Date) -> Timestamp {
        self.moment(day.to_datetime(jiff::civil::Time::midnight()))
    }

    fn first(&self, day: Date, minute: &Minute) -> Timestamp {
        let (hour, minute) = (minute.of_day() / 60, minute.of_day() % 60);
        match (i8::try_from(hour), i8::try_from(minute)) {
            (Ok(hour @ 0..=23), Ok(minute)) => self.moment(day.at(hour, minute, 0, 0)),
            _ => day.tomorrow().map_or(Timestamp::MAX, |day| self.midnight(day)),
        }
    }

    /// The first moment at which the wall shows this time or, where the clocks jump over it, a later one.
    fn moment(&self, wall: DateTime) -> Timestamp {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        let offset = ambiguous.offset();
        let Ok(moment) = ambiguous.compatible() else { return Timestamp::MAX };
        if !matches!(offset, AmbiguousOffset::Gap { .. }) {
            return moment;
        }
        let jump = self.zone.preceding(moment + SignedDuration::from_secs(1)).next();
        jump.map_or(moment, |jump| jump.timestamp())
    }
}

#[cfg(test)]
mod tests;

//! One parser for the date ranges of lists, dashboards and reports.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use crate::{FieldInvalid, Invalid};

/// Two years and a day: the longest range anybody may ask for.
pub const MAX_DAYS: i32 = 731;
/// What is meant where nothing is said.
pub const DEFAULT_DAYS: i32 = 30;

/// The query parameters that say which days are meant, as they came. Empty ones and `all` count as
/// absent, as they do in filters.
#[derive(Debug, Clone, Copy, Default)]
pub struct RangeParams<'a> {
    /// `range=30d`.
    pub range: Option<&'a str>,
    /// `date_range=30d`, `week`, `month` or `custom`.
    pub date_range: Option<&'a str>,
    /// `start_date=2026-01-01`, the first day of a custom range.
    pub start_date: Option<&'a str>,
    /// `end_date=2026-01-31`, its last day.
    pub end_date: Option<&'a str>,
}

/// Whole days, from the first to the last, both included; at most [`MAX_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DateRange {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
}

/// What a name of a range means.
enum Named {
    Days(i32),
    Custom,
}

impl DateRange {
    /// Days from the first to the last.
    pub fn new(from: Date, to: Date) -> Result<Self, Invalid> {
        if from > to {
            return Err(Invalid::new("start_after_end", "must not be after the end date"));
        }
        let range = Self { from, to };
        if range.days() > MAX_DAYS {
            return Err(Invalid::new("range_too_long", "must span at most 731 days"));
        }
        Ok(range)
    }

    /// Reads the parameters. `30d` are the 30 days that end today, as seen in `zone`; likewise `4w`
    /// (weeks of 7 days), `6m` (months of 30), `1y` (365), `today`, `week` (7 days), `month` (30),
    /// `year` (365). `range` and `date_range` mean the same and must not contradict each other.
    /// Both dates alone mean `custom`; beside another name they are left unread. Every wrong
    /// parameter is named.
    pub fn parse(params: RangeParams<'_>, now: Timestamp, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let range = given(params.range);
        let date_range = given(params.date_range);
        let dates = (given(params.start_date), given(params.end_date));

        let (field, name) = match (range, date_range) {
            (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => {
                let invalid = Invalid::new("contradiction", "says something else than range");
                return Err(vec![FieldInvalid::new("date_range", invalid)]);
            }
            (_, Some(name)) => ("date_range", Some(name)),
            (Some(name), None) => ("range", Some(name)),
            (None, None) => ("date_range", None),
        };
        let named = match name {
            Some(name) => named(name).map_err(|invalid| vec![FieldInvalid::new(field, invalid)])?,
            None if dates.0.is_some() || dates.1.is_some() => Named::Custom,
            None => Named::Days(DEFAULT_DAYS),
        };
        match named {
            Named::Days(days) => {
                let to = now.to_zoned(zone.clone()).date();
                Ok(Self { from: back(to, days - 1), to })
            }
            Named::Custom => Self::custom(dates.0, dates.1),
        }
    }

    fn custom(start: Option<&str>, end: Option<&str>) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut read = |field: &str, text: Option<&str>| {
            let date = text.ok_or_else(Invalid::required).and_then(date);
            date.map_err(|invalid| wrong.push(FieldInvalid::new(field, invalid))).ok()
        };
        let dates = (read("start_date", start), read("end_date", end));
        match dates {
            (Some(from), Some(to)) => {
                Self::new(from, to).map_err(|invalid| vec![FieldInvalid::new("start_date", invalid)])
            }
            _ => Err(wrong),
        }
    }

    /// How many days, 1 to [`MAX_DAYS`].
    pub fn days(self) -> i32 {
        // A difference of civil dates in days always exists; were it not to, no range would pass.
        self.from.until(self.to).map_or(i32::MAX, |span| span.get_days().saturating_add(1))
    }

    /// The range of equal length that ends the day before this one, for trends.
    #[must_use]
    pub fn previous(self) -> Self {
        let to = back(self.from, 1);
        Self { from: back(to, self.days() - 1), to }
    }

    /// Whether a day lies within.
    pub fn contains(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// From the first instant of the first day to the first after the last one (excluded), as seen
    /// in `zone`.
    pub fn instants(self, zone: &TimeZone) -> (Timestamp, Timestamp) {
        (
            start_of_day(self.from, zone).unwrap_or(Timestamp::MIN),
            self.to.tomorrow().ok().and_then(|day| start_of_day(day, zone)).unwrap_or(Timestamp::MAX),
        )
    }

    /// The days, first to last.
    pub fn iter(self) -> impl Iterator<Item = Date> {
        self.from.series(Span::new().days(1)).take_while(move |day| *day <= self.to)
    }
}

impl fmt::Display for DateRange {
    /// An ISO 8601 interval: `2026-01-01/2026-01-31`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.from, self.to)
    }
}

/// A day in the one form the wire knows, `2026-01-31`.
pub(crate) fn date(text: &str) -> Result<Date, Invalid> {
    let form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    form.then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| Invalid::new("not_a_date", "must be a date, such as 2026-01-31"))
}

/// The first instant of a day; `None` at the very end of the calendar.
pub(crate) fn start_of_day(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|start| start.timestamp())
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("all"))
}

fn back(day: Date, days: i32) -> Date {
    day.saturating_sub(Span::new().days(days))
}

fn named(name: &str) -> Result<Named, Invalid> {
    let name = name.to_ascii_lowercase();
    let days = match name.as_str() {
        "custom" => return Ok(Named::Custom),
        "today" => Some(1),
        "week" => Some(7),
        "month" => Some(30),
        "year" => Some(365),
        _ => counted(&name),
    };
    match days {
        Some(days @ 1..=MAX_DAYS) => Ok(Named::Days(days)),
        Some(_) => Err(Invalid::new("range_too_long", "must span 1 to 731 days")),
        None => Err(Invalid::new("unknown_range", "must be a number of days such as 30d, week, month, or custom")),
    }
}

fn counted(name: &str) -> Option<i32> {
    let length = [('d', 1), ('w', 7), ('m', 30), ('y', 365)]
        .into_iter()
        .find_map(|(unit, days)| name.strip_suffix(unit).map(|count| (count, days)));
    let (count, days) = length?;
    if count.is_empty() || count.len() > 6 || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    count.parse::<i32>().ok()?.checked_mul(days)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;
    use proptest::prelude::*;

    use super::*;

    fn at(now: &str, params: RangeParams<'_>) -> Result<String, Vec<(String, &'static str)>> {
        let zone = TimeZone::get("Asia/Kolkata").expect("zone");
        DateRange::parse(params, now.parse().expect("time"), &zone)
            .map(|range| range.to_string())
            .map_err(|wrong| wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect())
    }

    const NOON: &str = "2026-11-20T06:30:00Z";

    fn range(range: &str) -> RangeParams<'_> {
        RangeParams { range: Some(range), ..RangeParams::default() }
    }

    fn custom<'a>(start: &'a str, end: &'a str) -> RangeParams<'a> {
        RangeParams { date_range: Some("custom"), start_date: Some(start), end_date: Some(end), range: None }
    }

    #[test]
    fn thirty_days_end_today_and_are_meant_where_nothing_is_said() {
        let thirty = Ok("2026-10-22/2026-11-20".to_owned());
        for params in [RangeParams::default(), range("30d"), range(" 30D "), range("all"), range(""), range("month")] {
            assert_eq!(at(NOON, params), thirty);
        }
        let both = RangeParams { range: Some("30d"), date_range: Some("30d"), ..RangeParams::default() };
        assert_eq!(at(NOON, both), thirty);
        assert_eq!(
            at(NOON, RangeParams { date_range: Some("week"), ..RangeParams::default() }),
            Ok("2026-11-14/2026-11-20".into())
        );
        assert_eq!(at(NOON, range("today")), Ok("2026-11-20/2026-11-20".into()));
    }

    #[test]
    fn today_is_the_day_of_the_zone() {
        assert_eq!(at("2026-11-20T18:29:59Z", range("1d")), Ok("2026-11-20/2026-11-20".into()));
        assert_eq!(at("2026-11-20T18:30:00Z", range("1d")), Ok("2026-11-21/2026-11-21".into()));
    }

    #[test]
    fn a_custom_range_includes_both_its_days() {
        assert_eq!(at(NOON, custom("2026-01-01", "2026-01-31")), Ok("2026-01-01/2026-01-31".into()));
        let unnamed = RangeParams { date_range: None, ..custom("2026-01-31", "2026-01-31") };
        assert_eq!(at(NOON, unnamed), Ok("2026-01-31/2026-01-31".into()));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let both = |start: &'static str, end: &'static str| {
            Err(vec![("start_date".to_owned(), start), ("end_date".to_owned(), end)])
        };
        assert_eq!(at(NOON, custom("", "")), both("required", "required"));
        assert_eq!(at(NOON, custom("20260101", "2026-02-30")), both("not_a_date", "not_a_date"));
        let start = |code| Err(vec![("start_date".to_owned(), code)]);
        assert_eq!(at(NOON, custom("2026-02-01", "2026-01-31")), start("start_after_end"));
        assert_eq!(at(NOON, custom("2024-01-01", "2026-01-01")), start("range_too_long"));
        assert_eq!(at(NOON, range("0d")), Err(vec![("range".to_owned(), "range_too_long")]));
        assert_eq!(at(NOON, range("732d")), Err(vec![("range".to_owned(), "range_too_long")]));
        for unknown in ["fortnight", "d", "-3d", "3.5d", "٣d", "99999999999d"] {
            assert_eq!(at(NOON, range(unknown)), Err(vec![("range".to_owned(), "unknown_range")]), "{unknown}");
        }
        let torn = RangeParams { range: Some("7d"), date_range: Some("30d"), ..RangeParams::default() };
        assert_eq!(at(NOON, torn), Err(vec![("date_range".to_owned(), "contradiction")]));
    }

    #[test]
    fn the_instants_are_those_of_the_zone() {
        let zone = TimeZone::get("Asia/Kolkata").expect("zone");
        let (from, until) = DateRange::new(day(2026, 11, 20), day(2026, 11, 20)).expect("range").instants(&zone);
        assert_eq!(
            (from.to_string(), until.to_string()),
            ("2026-11-19T18:30:00Z".into(), "2026-11-20T18:30:00Z".into())
        );
    }

    proptest! {
        #[test]
        fn the_previous_range_is_as_long_and_ends_the_day_before(start in 0..20_000_i32, days in 1..=MAX_DAYS) {
            let from = day(1990, 1, 1).saturating_add(Span::new().days(start));
            let range = DateRange::new(from, from.saturating_add(Span::new().days(days - 1))).expect("range");
            let previous = range.previous();
            prop_assert_eq!(range.days(), days);
            prop_assert_eq!(previous.days(), days);
            prop_assert_eq!(previous.to.tomorrow().expect("day"), range.from);
            prop_assert_eq!(range.iter().count(), usize::try_from(days).expect("count"));
        }

        #[test]
        fn no_parameters_panic(texts in prop::array::uniform4(prop::option::of("\\PC{0,12}|[0-9-]{8,10}|[0-9]{1,5}[dwmy]"))) {
            let [range, date_range, start_date, end_date] = &texts;
            let params = RangeParams {
                range: range.as_deref(), date_range: date_range.as_deref(),
                start_date: start_date.as_deref(), end_date: end_date.as_deref(),
            };
            if let Ok(range) = DateRange::parse(params, Timestamp::UNIX_EPOCH, &TimeZone::UTC) {
                prop_assert!((1..=MAX_DAYS).contains(&range.days()));
            }
        }
    }
}

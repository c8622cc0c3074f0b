use jiff::Span;
use jiff::civil::{Date, date};

/// What of a moment a number format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Date,
    Time,
    DateTime,
    /// Hours, minutes and seconds gone by, beyond a day if need be.
    Elapsed,
}

/// The last day of 9999, the last that Excel knows.
const LAST_DAY: f64 = 2_958_465.0;

/// A serial number as ISO 8601 (`2026-11-20`, `13:45:00`, `2026-11-20T13:45:00`), elapsed time as `h:mm:ss`;
/// `None` where it is no day of the calendar. To the second, as formats show it.
///
/// Days count from 1899-12-31, and one too many after February 1900, which Excel takes for a leap year; or
/// from 1904-01-01 (ECMA-376 part 1, 18.17.4.1).
pub(super) fn iso(serial: f64, shown: Shown, from_1904: bool) -> Option<String> {
    if !(0.0..LAST_DAY + 1.0).contains(&serial) {
        return None;
    }
    let seconds = whole_seconds(serial);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let clock = |hours: i64| format!("{hours:02}:{:02}:{:02}", second / 60 % 60, second % 60);
    let time = || clock(second / 3600);
    match shown {
        Shown::Elapsed => Some(format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)),
        Shown::Time => Some(time()),
        Shown::DateTime if days == 0 && !from_1904 => Some(time()),
        Shown::Date => Some(day(days, from_1904)?.to_string()),
        Shown::DateTime => Some(format!("{}T{}", day(days, from_1904)?, time())),
    }
}

fn day(days: i64, from_1904: bool) -> Option<Date> {
    let epoch = match days {
        _ if from_1904 => date(1904, 1, 1),
        0 | 60 => return None,
        1..60 => date(1899, 12, 31),
        _ => date(1899, 12, 30),
    };
    epoch.checked_add(Span::new().try_days(days).ok()?).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the caller has checked the range")]
fn whole_seconds(serial: f64) -> i64 {
    (serial * 86_400.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_become_iso_dates() {
        for (serial, shown, text) in [
            (1.0, Shown::Date, "1900-01-01"),
            (59.0, Shown::Date, "1900-02-28"),
            (61.0, Shown::Date, "1900-03-01"),
            (46_346.0, Shown::Date, "2026-11-20"),
            (46_346.75, Shown::Date, "2026-11-20"),
            (46_346.572_916_666_66, Shown::DateTime, "2026-11-20T13:45:00"),
            (0.572_916_666_67, Shown::DateTime, "13:45:00"),
            (46_346.25, Shown::Time, "06:00:00"),
            (1.5, Shown::Elapsed, "36:00:00"),
            (LAST_DAY, Shown::Date, "9999-12-31"),
        ] {
            assert_eq!(iso(serial, shown, false).as_deref(), Some(text), "{serial}");
        }
        assert_eq!(iso(44_884.0, Shown::Date, true).as_deref(), Some("2026-11-20"));
    }

    #[test]
    fn what_is_no_day_is_none() {
        for serial in [-1.0, 0.0, 60.0, LAST_DAY + 1.0, 1e300, f64::NAN] {
            assert_eq!(iso(serial, Shown::Date, false), None, "{serial}");
        }
    }
}

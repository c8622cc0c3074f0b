//! The moments between which something happened.

use domain::{FieldInvalid, Invalid};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use web::Params;

/// From one moment on, and before another.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct When {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

impl When {
    /// Reads `from` and `to`: moments as RFC 3339 has them, or days (in UTC), of which `to` is the last.
    pub(crate) fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let mut read = |name: &str, last: bool| {
            let text = params.get(name)?;
            let moment = text.parse().ok().or_else(|| day(text, last));
            if moment.is_none() {
                let invalid = Invalid::new("not_a_time", "must be a moment as RFC 3339 has it, or a day");
                wrong.push(FieldInvalid::new(name, invalid));
            }
            moment
        };
        let (from, to) = (read("from", false), read("to", true));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            wrong.push(FieldInvalid::new("from", Invalid::new("start_after_end", "must not be after the end")));
        }
        Self { from, to }
    }

    /// For the name of a list.
    pub(crate) fn name(self) -> String {
        format!("{:?} {:?}", self.from, self.to)
    }
}

fn day(text: &str, last: bool) -> Option<Timestamp> {
    let day: Date = text.parse().ok()?;
    let day = if last { day.tomorrow().ok()? } else { day };
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_in() {
        let read = |query: &str| {
            let mut wrong = Vec::new();
            let when = When::read(&Params::parse(query).expect("a query"), &mut wrong);
            (when.from.map(|at| at.to_string()), when.to.map(|at| at.to_string()), wrong.len())
        };
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(read("from=2026-11-20&to=2026-11-20"), (of("2026-11-20T00:00:00Z"), of("2026-11-21T00:00:00Z"), 0));
        assert_eq!(read("from=2026-11-20T10:00:00%2B05:30"), (of("2026-11-20T04:30:00Z"), None, 0));
        assert_eq!(read("from=yesterday&to=2026-02-30").2, 2);
        assert_eq!(read("from=2026-11-21&to=2026-11-19").2, 1);
    }
}

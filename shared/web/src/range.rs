//! The days that a report is about.

use domain::FieldInvalid;
use domain::date_range::{DateRange, RangeParams};
use jiff::tz::TimeZone;

use crate::{App, Params};

/// The days of a report, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; DateRange reads them")]
pub struct RangeQuery {
    /// `30d`, `4w`, `6m`, `1y`, `today`, `week`, `month`, `year` or `custom`: days in UTC that end with
    /// the present one. 30 days where nothing is said.
    #[param(example = "30d")]
    range: Option<String>,
    /// The same by another name.
    date_range: Option<String>,
    /// The first day of a custom range, `2026-01-01`.
    start_date: Option<String>,
    /// Its last day; a range has at most 731 days.
    end_date: Option<String>,
}

/// Reads them: days in UTC, as figures are kept. Every wrong parameter is named.
pub fn range(app: &App, params: &Params) -> Result<DateRange, Vec<FieldInvalid>> {
    let asked = RangeParams {
        range: params.get("range"),
        date_range: params.get("date_range"),
        start_date: params.get("start_date"),
        end_date: params.get("end_date"),
    };
    DateRange::parse(asked, app.now(), &TimeZone::UTC)
}

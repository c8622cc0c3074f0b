//! When the organization works: what of the time counts for service levels.

pub(crate) mod update;
pub(crate) mod view;

use domain::BusinessHours;
use domain::calendar::{Holiday, Week};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

/// When the organization works.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessHours)]
pub(crate) struct BusinessHoursView {
    /// The IANA zone of the windows.
    #[schema(example = "Asia/Kolkata")]
    zone: String,
    /// The windows of each day of the week.
    week: Week,
    /// The days on which nobody works.
    holidays: Vec<Holiday>,
    /// Its version, 0 where nobody has told any; the number in its entity tag.
    version: u64,
}

impl BusinessHoursView {
    fn of(hours: BusinessHours, usual: &TimeZone) -> Self {
        let BusinessHours { meta, id: _, zone, week, holidays } = hours;
        let zone = zone.unwrap_or_else(|| usual.iana_name().unwrap_or("UTC").to_owned());
        Self { zone, week, holidays, version: meta.version }
    }
}

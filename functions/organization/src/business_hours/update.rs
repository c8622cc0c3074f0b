//! `PUT /business-hours`.

use axum::extract::State;
use domain::business_hours::BusinessHoursPatch;
use domain::calendar::{Holiday, Week};
use domain::{BusinessHours, FieldInvalid, Permission};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, Problem, SignedIn, Versioned, change_or_begin};

use super::BusinessHoursView;

/// When the organization works from now on; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct BusinessHoursUpdate {
    /// An IANA zone; `null` for the organization's.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Asia/Kolkata")]
    zone: Field<String>,
    /// At most 6 windows a day, in their order and without overlap; a day that is absent has none.
    #[serde(default)]
    #[schema(value_type = Option<Week>)]
    week: Field<Value>,
    /// At most 200.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Holiday>>, max_items = 200)]
    holidays: Field<Value>,
}

impl Fields for BusinessHoursUpdate {
    const WRITES: &'static [&'static str] = &["zone", "week", "holidays"];
    const READ_ONLY: &'static [&'static str] = &["version"];
}

impl BusinessHoursUpdate {
    fn parse(self) -> Result<BusinessHoursPatch, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let zone = self.zone.patch("zone", &mut wrong);
        let week = self.week.replaced("week", &mut wrong);
        let week = read(week, "week", Week::read, &mut wrong);
        let holidays =
            self.holidays.patch("holidays", &mut wrong).map(|given| given.unwrap_or_else(|| Value::Array(Vec::new())));
        let holidays = read(holidays, "holidays", Holiday::read_all, &mut wrong);
        if wrong.is_empty() { Ok(BusinessHoursPatch { zone, week, holidays }) } else { Err(wrong) }
    }
}

fn read<T>(
    value: Option<Value>,
    name: &str,
    read: impl Fn(&Value) -> Result<T, Vec<FieldInvalid>>,
    wrong: &mut Vec<FieldInvalid>,
) -> Option<T> {
    let refuse = |errors: Vec<FieldInvalid>| wrong.extend(errors.into_iter().map(|error| error.within(name)));
    value.and_then(|value| read(&value).map_err(refuse).ok())
}

/// Sets when the organization works. Clocks that run keep the moments that they began with. 422 `never_open` where no
/// window opens within a year. Costs 1 read and 1 transaction.
#[utoipa::path(
    put, path = "/business-hours", tag = "organization", request_body = BusinessHoursUpdate,
    responses((status = 200, description = "As they are now.", body = Envelope<BusinessHoursView>, headers(("ETag" = String)))),
)]
pub(crate) async fn business_hours_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<BusinessHoursUpdate>,
) -> Result<Versioned<BusinessHoursView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let (patch, now) = (body.parse()?, app.now());
    let zone = app.organization(&grant).await?.time_zone();
    let begin = BusinessHours::new(grant.organization(), now);
    let fields = ["zone", "week", "holidays"];
    let hours = change_or_begin(&app, &grant, begin, if_match, &fields, |hours: BusinessHours| {
        Ok(hours.update(patch.clone(), &zone, now)?)
    })
    .await?;
    let version = hours.meta.version;
    Ok(Versioned(BusinessHoursView::of(hours, &zone), version))
}

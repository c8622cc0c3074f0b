//! `GET /business-hours`.

use axum::extract::State;
use domain::{BusinessHours, Permission};
use store::there;
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::BusinessHoursView;

/// When the organization works: Monday to Friday, nine to six, where nobody has told. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/business-hours", tag = "organization",
    responses((status = 200, body = Envelope<BusinessHoursView>, headers(("ETag" = String)))),
)]
pub(crate) async fn business_hours_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<BusinessHoursView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationRead)?;
    let id = grant.organization();
    let hours: Option<BusinessHours> = there(app.table().get(&grant, BusinessHours::id_of(id)).await)?;
    let hours = hours.unwrap_or_else(|| BusinessHours::new(id, app.now()));
    let (version, zone) = (hours.meta.version, app.organization(&grant).await?.time_zone());
    Ok(Versioned(BusinessHoursView::of(hours, &zone), version))
}

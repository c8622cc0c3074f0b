//! `GET /organization`.

use axum::extract::State;
use domain::{Organization, Permission};
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::OrganizationView;

/// The caller's organization.
#[utoipa::path(
    get, path = "/organization", tag = "organization",
    responses((status = 200, description = "The organization.", body = Envelope<OrganizationView>)),
)]
pub(crate) async fn organization_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<OrganizationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationRead)?;
    let organization: Organization = app.table().get(&grant, grant.organization()).await?;
    let version = organization.meta.version;
    Ok(Versioned(organization.into(), version))
}

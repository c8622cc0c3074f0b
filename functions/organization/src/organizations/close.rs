//! `DELETE /organization/join-code`.

use axum::extract::State;
use domain::{Change, Organization, Permission};
use web::{App, Envelope, IfMatch, Problem, SignedIn, Versioned, change};

use super::OrganizationView;

/// Lets nobody register themselves as a member any more.
#[utoipa::path(
    delete, path = "/organization/join-code", tag = "organization",
    responses((status = 200, description = "As it is now.", body = Envelope<OrganizationView>)),
)]
pub(crate) async fn join_code_close(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
) -> Result<Versioned<OrganizationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let (now, id) = (app.now(), grant.organization());
    let organization = change(&app, &grant, id, if_match, &["join_code"], |organization: Organization| {
        let mut after = organization.clone();
        after.join_code = None;
        after.meta.updated_at = now;
        Ok(Change::update(organization, after, "organization.updated"))
    })
    .await?;
    app.forget_organization(id);
    let version = organization.meta.version;
    Ok(Versioned(organization.into(), version))
}

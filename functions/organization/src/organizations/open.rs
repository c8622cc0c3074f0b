//! `POST /organization/join-code`.

use axum::extract::State;
use domain::organization::JOIN_CODE_LENGTH;
use domain::{Change, Organization, Permission, code};
use web::{App, Envelope, IfMatch, Problem, SignedIn, Versioned, change};

use super::OrganizationView;

/// Lets people register themselves as members, who wait until somebody approves them: by a new code, in the place of one
/// that there was.
#[utoipa::path(
    post, path = "/organization/join-code", tag = "organization",
    responses((status = 200, description = "As it is now.", body = Envelope<OrganizationView>)),
)]
pub(crate) async fn join_code_open(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<OrganizationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let (now, id) = (app.now(), grant.organization());
    let code = code::readable(&app.platform().random::<JOIN_CODE_LENGTH>());
    let organization = change(&app, &grant, id, IfMatch(None), &[], |organization: Organization| {
        let mut after = organization.clone();
        after.join_code = Some(code.clone());
        after.meta.updated_at = now;
        Ok(Change::update(organization, after, "organization.updated"))
    })
    .await?;
    app.forget_organization(id);
    let version = organization.meta.version;
    Ok(Versioned(organization.into(), version))
}

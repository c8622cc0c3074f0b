//! `POST /roles/{id}/restore`.

use axum::extract::State;
use domain::{Change, CustomRole, Permission, RoleId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{RoleView, refuse_role_beyond};

/// Brings a role back that was deleted within 30 days. Where another has taken its name meanwhile, 409 `taken`.
#[utoipa::path(
    post, path = "/roles/{id}/restore", tag = "roles", params(("id" = String, Path, description = "The id of one of the organization's own roles.")),
    responses((status = 200, description = "There again.", body = Envelope<RoleView>)),
)]
pub(crate) async fn role_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<RoleId>,
) -> Result<Versioned<RoleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesWrite)?;
    let role: CustomRole = app.table().get_deleted(&grant, id).await?;
    refuse_role_beyond(&signed_in.authority, &role)?;
    let role = app.table().commit(&grant, Change::restore(role, app.now(), "role.restored")).await?;
    let version = role.meta.version;
    Ok(Versioned(role.into(), version))
}

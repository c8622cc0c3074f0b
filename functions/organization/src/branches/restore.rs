//! `POST /branches/{id}/restore`.

use axum::extract::State;
use domain::{Branch, BranchId, Change, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::BranchView;

/// Opens a branch again that was closed within 30 days. Where another has taken its name meanwhile,
/// 409 `taken`.
#[utoipa::path(
    post, path = "/branches/{id}/restore", tag = "organization", params(("id" = BranchId, Path)),
    responses((status = 200, description = "Open again.", body = Envelope<BranchView>)),
)]
pub(crate) async fn branch_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<BranchId>,
) -> Result<Versioned<BranchView>, Problem> {
    let grant = signed_in.caller.allow(Permission::BranchesWrite)?;
    let branch: Branch = app.table().get_deleted(&grant, id).await?;
    let branch = app.table().commit(&grant, Change::restore(branch, app.now(), "branch.restored")).await?;
    let version = branch.meta.version;
    Ok(Versioned(branch.into(), version))
}

//! `GET /branches/{id}`.

use axum::extract::State;
use domain::{BranchId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{BranchView, Visible};

/// One branch.
#[utoipa::path(
    get, path = "/branches/{id}", tag = "organization", params(("id" = BranchId, Path)),
    responses((status = 200, description = "The branch.", body = Envelope<BranchView>)),
)]
pub(crate) async fn branch_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<BranchId>,
) -> Result<Versioned<BranchView>, Problem> {
    let visible = Visible::to(&app, &signed_in, Permission::BranchesRead).await?;
    let branch = visible.get(&app, id).await?;
    let version = branch.meta.version;
    Ok(Versioned(branch.into(), version))
}

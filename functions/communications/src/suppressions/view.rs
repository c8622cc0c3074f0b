//! `GET /suppressions/{id}`.

use axum::extract::State;
use domain::{Permission, SuppressionId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{SuppressionView, standing};

/// One suppression: 1 read.
#[utoipa::path(
    get, path = "/suppressions/{id}", tag = "suppressions", params(("id" = SuppressionId, Path)),
    responses((status = 200, description = "The suppression.", body = Envelope<SuppressionView>)),
)]
pub(crate) async fn suppression_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SuppressionId>,
) -> Result<Versioned<SuppressionView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SuppressionsRead)?;
    let suppression = standing(&app, &grant, id).await?;
    let version = suppression.meta.version;
    Ok(Versioned(SuppressionView::new(suppression, grant.clear(), app.now()), version))
}

//! `POST /calls/{id}/restore`.

use axum::extract::State;
use domain::{Call, CallId, Permission};
use views::CallView;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Brings a deleted call back; it is counted again on its day.
#[utoipa::path(
    post, path = "/calls/{id}/restore", tag = "calls",
    params(("id" = CallId, Path)),
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsDelete)?;
    let call: Call = app.table().get_deleted(&grant, id).await?;
    let call = app.table().commit(&grant, call.restore(app.now())).await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}

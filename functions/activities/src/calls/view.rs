//! `GET /calls/{id}`.

use axum::extract::State;
use domain::{Call, CallId, Permission};
use views::CallView;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Shows a call. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/calls/{id}", tag = "calls",
    params(("id" = CallId, Path)),
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsRead)?;
    let call: Call = app.table().get(&grant, id).await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}

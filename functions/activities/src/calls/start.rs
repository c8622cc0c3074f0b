//! `POST /calls/{id}/start`.

use axum::extract::State;
use domain::{Call, CallId, Permission};
use views::CallView;
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

/// They begin to talk, by our clock. Asked again, it answers the same and changes nothing; 409 `illegal_transition`
/// where the call was over before it began.
#[utoipa::path(
    post, path = "/calls/{id}/start", tag = "calls",
    params(("id" = CallId, Path)),
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_start(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsWrite)?;
    let now = app.now();
    let call = change(&app, &grant, id, IfMatch(None), &[], |call: Call| {
        call.start(now).map_err(|refused| Problem::conflict("illegal_transition", refused.to_string()))
    })
    .await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}

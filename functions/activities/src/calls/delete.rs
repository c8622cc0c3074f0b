//! `DELETE /calls/{id}`.

use axum::extract::State;
use domain::{Call, CallId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a call: it is counted no more. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/calls/{id}", tag = "calls",
    params(("id" = CallId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn call_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsDelete)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |call: Call| Ok(call.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

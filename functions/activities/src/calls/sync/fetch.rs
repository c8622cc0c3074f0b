//! `GET /calls/sync/{agentId}`.

use axum::extract::State;
use domain::sync::SyncMode;
use domain::{Call, Permission, UserId};
use views::CallView;
use web::members::member;
use web::sync::{Fetched, SyncQuery, fetch, fetch_asked};
use web::{App, Data, Envelope, Params, PathId, Problem, SignedIn};

/// The calls of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
/// last minute is told again each time. 410 `sync_expired` after 30 days.
///
/// Costs 1 Query, 1 read a call, and 1 write, or 2 where there is something to tell.
#[utoipa::path(
    get, path = "/calls/sync/{agentId}", tag = "calls",
    params(("agentId" = UserId, Path, description = "A user's id."), SyncQuery),
    responses((status = 200, description = "What changed.", body = Envelope<Fetched<CallView>>)),
)]
pub(crate) async fn call_sync_fetch(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<Fetched<CallView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsRead)?;
    member(&app, &grant, agent).await?;
    let (since, limit) = fetch_asked(&params)?;
    let (since, mode) = ((since.as_deref(), limit), SyncMode::Incremental);
    Ok(Data(fetch(&app, &signed_in, &grant, agent, mode, since, |call: Call| CallView::seen_by(&grant, call)).await?))
}

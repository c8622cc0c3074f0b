//! `GET /leads/sync/{agentId}`.

use axum::extract::State;
use domain::sync::SyncMode;
use domain::{Lead, Permission, UserId};
use views::LeadView;
use web::members::member;
use web::sync::{Fetched, SyncQuery, fetch, fetch_asked};
use web::{App, Data, Envelope, Params, PathId, Problem, SignedIn};

/// The leads of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
/// last minute is told again each time. 410 `sync_expired` after 30 days.
///
/// Costs 1 Query, 1 read a lead, and 1 write, or 2 where there is something to tell.
#[utoipa::path(
    get, path = "/leads/sync/{agentId}", tag = "leads",
    params(("agentId" = UserId, Path, description = "A user's id."), SyncQuery),
    responses((status = 200, description = "What changed.", body = Envelope<Fetched<LeadView>>)),
)]
pub(crate) async fn lead_sync_fetch(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<Fetched<LeadView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    member(&app, &grant, agent).await?;
    let (since, limit) = fetch_asked(&params)?;
    let (since, mode) = ((since.as_deref(), limit), SyncMode::Incremental);
    let view = |lead: Lead| LeadView::seen_by(&grant, lead);
    Ok(Data(fetch(&app, &signed_in, &grant, agent, mode, since, view).await?))
}

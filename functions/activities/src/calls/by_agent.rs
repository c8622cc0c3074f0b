//! `GET /calls/agent/{agentId}`.

use axum::extract::State;
use domain::{Permission, UserId};
use web::members::member;
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use super::KIND;
use super::list::{CallList, listed};
use crate::asked::RangeQuery;

/// Lists a person's calls, the latest first. Filters as in the list of calls.
#[utoipa::path(
    get, path = "/calls/agent/{agentId}", tag = "calls",
    params(("agentId" = UserId, Path, description = "A user's id."), PageQuery, RangeQuery),
    responses((status = 200, body = Envelope<CallList>)),
)]
pub(crate) async fn call_list_by_agent(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<CallList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsRead)?;
    member(&app, &grant, agent).await?;
    let question = KIND.question(&app, &grant, &params, Some(agent)).await?;
    listed(&app, &grant, &params, &question).await
}

//! Listing the leads of a person.

use axum::extract::State;
use domain::{Permission, UserId};
use web::{App, Data, Envelope, Page, PageQuery, Params, PathId, Problem, SignedIn};

use crate::list::listed;
use crate::page::LeadList;
use crate::plan::{FIELDS, filter};
use web::members::member;

/// Lists the leads of a person, newest first. Filters as in the list of leads.
#[utoipa::path(
    get, path = "/leads/agent/{agentId}", tag = "leads",
    params(("agentId" = UserId, Path, description = "A user's id."), PageQuery),
    responses((status = 200, body = Envelope<LeadList>)),
)]
pub(crate) async fn lead_list_by_agent(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<LeadList>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    member(&app, &grant, agent).await?;
    let zone = app.organization(&grant).await?.time_zone();
    let owner = agent.to_string();
    let owned = domain::filter::Filter::from_query([("assigned_to", owner.as_str())], &FIELDS, &zone)?;
    let filter = filter(&app, &grant, &params, &Page::RESERVED).await?.and(owned);
    listed(&app, &grant, filter, &params).await
}

//! `GET /agents`.

use axum::extract::State;
use domain::{AgentId, AgentState, BranchId, List, MemberStatus, Membership, Permission, RoleKey, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::{AgentRoles, AgentView};
use crate::people::list::Wanted;

/// A page of agents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentList {
    agents: Vec<AgentView>,
    pagination: Pagination,
}

/// The agents in reach who may come in, newest first, each with what they are doing: 2 Queries and 1 `BatchGetItem`.
#[utoipa::path(
    get, path = "/agents", tag = "agents",
    params(
        PageQuery,
        ("account_status" = Option<MemberStatus>, Query, description = "`active` where nothing is said; `all` for any."),
        ("role" = Option<RoleKey>, Query, description = "Those of a role."),
        ("branch_id" = Option<BranchId>, Query, description = "Those who work in a branch."),
        ("search" = Option<String>, Query, description = "Parts of a name or an address."),
    ),
    responses((status = 200, description = "A page of agents.", body = Envelope<AgentList>)),
)]
pub(crate) async fn agent_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<AgentList>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    let wanted = Wanted::read(&params, "account_status")?;
    let any = params.get("account_status").is_some();
    let roles = AgentRoles::of(&app, &grant).await?;
    let keep = |member: &Membership| {
        roles.has(member.role) && (any || member.is_active()) && member.is_in_reach(grant.rows()) && wanted.is(member)
    };
    let all = List::new(Slot::One, "all", "");
    let (members, pagination) = page_of(&app, &grant, &params, &all, Shown::Filtered, keep).await?;
    let ids: Vec<AgentId> = members.iter().map(|member| AgentState::id_of(member.user)).collect();
    let mut states = app.table().get_many_to_change::<AgentState>(&grant, &ids).await?;
    let (now, zone) = (app.now(), app.organization(&grant).await?.time_zone());
    let agents = members
        .into_iter()
        .map(|member| {
            let state = states.remove(&AgentState::id_of(member.user));
            AgentView::of(member, state, now, &zone)
        })
        .collect();
    Ok(Data(AgentList { agents, pagination }))
}

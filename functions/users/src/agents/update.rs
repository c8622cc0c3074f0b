//! `PUT /agents/{id}`.

use axum::extract::State;
use domain::{Permission, UserId};
use web::agents::agent;
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::{AgentView, refuse_other_role, shown};
use crate::people::update::{UserUpdate, update};

/// Changes an agent, as `PUT /users/{id}` does. They stay one: a role whose holders are none is 422 `no_agent`. What
/// they are doing is told by `POST /agents/{id}/status`.
#[utoipa::path(
    put, path = "/agents/{id}", tag = "agents", params(("id" = UserId, Path)), request_body = UserUpdate,
    responses((status = 200, description = "As they are now.", body = Envelope<AgentView>)),
)]
pub(crate) async fn agent_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    Body(body): Body<UserUpdate>,
) -> Result<Versioned<AgentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    agent(&app, &grant, id).await?;
    if let Some(role) = body.role() {
        refuse_other_role(&app, &grant, role).await?;
    }
    let member = update(&app, &signed_in, &grant, id, if_match, body).await?;
    let version = member.meta.version;
    Ok(Versioned(shown(&app, &grant, member).await?, version))
}

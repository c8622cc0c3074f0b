//! `GET /agents/{id}`.

use axum::extract::State;
use domain::{Permission, UserId};
use web::agents::agent;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{AgentView, shown};

/// One agent in reach, with what they are doing.
#[utoipa::path(
    get, path = "/agents/{id}", tag = "agents", params(("id" = UserId, Path)),
    responses((status = 200, description = "The agent.", body = Envelope<AgentView>)),
)]
pub(crate) async fn agent_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
) -> Result<Versioned<AgentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    let member = agent(&app, &grant, id).await?;
    let version = member.meta.version;
    Ok(Versioned(shown(&app, &grant, member).await?, version))
}

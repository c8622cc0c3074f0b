//! `POST /agents`.

use axum::extract::State;
use domain::{Permission, Role};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::{AgentView, refuse_other_role, shown};
use crate::people::create::{NewUser, admit};

/// Adds somebody who works leads, as `POST /users` does; `role` may be left out and is `agent` then. A role whose
/// holders are no agents is 422 `no_agent`.
#[utoipa::path(
    post, path = "/agents", tag = "agents", request_body = NewUser,
    responses((status = 201, description = "Added.", body = Envelope<AgentView>)),
)]
pub(crate) async fn agent_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewUser>,
) -> Result<Created<AgentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let parsed = body.or_role(Role::Agent).parse()?;
    refuse_other_role(&app, &grant, parsed.role).await?;
    let member = admit(&app, &signed_in, &grant, parsed).await?;
    let (location, version) = (format!("/agents/{}", member.user), member.meta.version);
    Ok(Created { data: shown(&app, &grant, member).await?, location, version })
}

//! `POST /agents/{id}/status`.

use axum::extract::State;
use domain::{AgentState, AgentStatus, Label, Permission, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::agents::{agent, begun};
use web::{App, Body, Data, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, change_or_begin};

use super::AgentView;

/// What an agent is doing from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AgentStatusChange {
    #[serde(default)]
    #[schema(value_type = AgentStatus, required)]
    status: Field<AgentStatus>,
    /// Why, in the history's words.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    reason: Field<Label>,
}

impl Fields for AgentStatusChange {
    const WRITES: &'static [&'static str] = &["status", "reason"];
}

impl AgentStatusChange {
    fn parse(self) -> Result<(AgentStatus, Option<String>), Problem> {
        let mut wrong = Vec::new();
        let status = self.status.required("status", &mut wrong);
        let reason = self.reason.optional("reason", &mut wrong).map(|reason| reason.to_string());
        status.filter(|_| wrong.is_empty()).map(|status| (status, reason)).ok_or_else(|| wrong.into())
    }
}

/// Says what an agent is doing: one's own status, or that of an agent in reach. Saying again what holds already changes
/// nothing. 2 reads and 1 transaction of 2 items.
#[utoipa::path(
    post, path = "/agents/{id}/status", tag = "agents", params(("id" = UserId, Path)),
    request_body = AgentStatusChange,
    responses((status = 200, description = "As they are now.", body = Envelope<AgentView>)),
)]
pub(crate) async fn agent_status_change(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    Body(body): Body<AgentStatusChange>,
) -> Result<Data<AgentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsWrite)?;
    let (to, why) = body.parse()?;
    let member = agent(&app, &grant, id).await?;
    let (now, zone) = (app.now(), app.organization(&grant).await?.time_zone());
    let state = change_or_begin(&app, &grant, begun(&member), IfMatch(None), &[], |state: AgentState| {
        Ok(state.change(to, why.clone(), now, &zone))
    })
    .await?;
    Ok(Data(AgentView::of(member, Some(state), now, &zone)))
}

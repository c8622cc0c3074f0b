//! `GET /sync/last/{agentId}`.

use axum::extract::State;
use domain::{Permission, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::members::member;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::kind::Kind;

/// When somebody's clients last asked for what changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastTimes {
    agent_id: UserId,
    /// Of whatever kind; `null` where none asked within 30 days.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_sync: Option<Timestamp>,
    /// The same for leads.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    leads: Option<Timestamp>,
    /// For calls.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    calls: Option<Timestamp>,
    /// For reminders.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    reminders: Option<Timestamp>,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// When somebody's clients last asked for what changed. Costs 1 read and 1 Query.
#[utoipa::path(
    get, path = "/sync/last/{agentId}", tag = "sync",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    responses((status = 200, description = "The times.", body = Envelope<LastTimes>)),
)]
pub(crate) async fn sync_last(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
) -> Result<Data<LastTimes>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    member(&app, &grant, agent).await?;
    let runs = app.table().last_syncs(&grant, agent).await?;
    let at = |kind: Kind| kind.among(&runs).map(|run| run.at);
    Ok(Data(LastTimes {
        agent_id: agent,
        last_sync: runs.iter().map(|run| run.at).max(),
        leads: at(Kind::Leads),
        calls: at(Kind::Calls),
        reminders: at(Kind::Reminders),
        server_time: app.now(),
    }))
}

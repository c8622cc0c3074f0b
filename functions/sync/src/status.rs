//! `GET /sync/status/{agentId}`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::sync::SyncRun;
use domain::{Grant, Permission, UserId};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;
use web::members::member;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::kind::Kind;

/// Changes are counted so far.
const COUNTED: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// How somebody's clients stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncStatus {
    agent_id: UserId,
    status: SyncStanding,
    /// When they last asked, for whatever kind.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_sync: Option<Timestamp>,
    /// Changes that they have not asked for, of all kinds.
    pending_changes: u32,
    types: Vec<KindStatus>,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// How clients stand with a kind of records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindStatus {
    #[serde(rename = "type")]
    kind: Kind,
    status: SyncStanding,
    /// When they last asked.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_sync: Option<Timestamp>,
    /// The device that brought changes then, as it names itself.
    #[schema(required)]
    client_id: Option<String>,
    /// Changes since then, counted to 1,000. A record that changed twice counts twice.
    pending_changes: u32,
    /// Conflicts that the last of them was told.
    conflicts: u32,
    /// Changes of theirs that could not be done then.
    rejected: u32,
}

/// How a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SyncStanding {
    /// None asked within 30 days.
    Never,
    /// There is something that they have not asked for.
    Pending,
    /// They know all.
    UpToDate,
}

impl SyncStanding {
    /// Of all kinds together.
    fn all(kinds: &[KindStatus]) -> Self {
        let any = |standing| kinds.iter().any(|kind| kind.status == standing);
        match (any(Self::Pending), any(Self::UpToDate)) {
            (true, _) => Self::Pending,
            (false, true) => Self::UpToDate,
            (false, false) => Self::Never,
        }
    }
}

/// How somebody's clients stand: when they last asked, and what has changed since. Costs 1 read, 1 Query, and 1 Query of
/// 0.5 read units a 4 KB for each kind.
#[utoipa::path(
    get, path = "/sync/status/{agentId}", tag = "sync",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    responses((status = 200, description = "How they stand.", body = Envelope<SyncStatus>)),
)]
pub(crate) async fn sync_status(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
) -> Result<Data<SyncStatus>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    member(&app, &grant, agent).await?;
    let runs = app.table().last_syncs(&grant, agent).await?;
    let types = try_join_all(Kind::ALL.map(|kind| stands(&app, &grant, agent, kind, kind.among(&runs)))).await?;
    Ok(Data(SyncStatus {
        agent_id: agent,
        status: SyncStanding::all(&types),
        last_sync: runs.iter().map(|run| run.at).max(),
        pending_changes: types.iter().map(|kind| kind.pending_changes).sum(),
        types,
        server_time: app.now(),
    }))
}

async fn stands(
    app: &App,
    grant: &Grant,
    agent: UserId,
    kind: Kind,
    last: Option<&SyncRun>,
) -> Result<KindStatus, StoreError> {
    let pending = match last {
        Some(run) => app.table().entered_since(grant, kind.stored(), agent, run.at, COUNTED).await?,
        None => 0,
    };
    let status = match last {
        None => SyncStanding::Never,
        Some(run) if run.more || pending > 0 => SyncStanding::Pending,
        Some(_) => SyncStanding::UpToDate,
    };
    Ok(KindStatus {
        kind,
        status,
        last_sync: last.map(|run| run.at),
        client_id: last.and_then(|run| run.client.clone()),
        pending_changes: pending,
        conflicts: last.map_or(0, |run| run.conflicts),
        rejected: last.map_or(0, |run| run.rejected),
    })
}

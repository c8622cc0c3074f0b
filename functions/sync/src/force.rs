//! `POST /sync/force/{agentId}`.

use axum::extract::State;
use domain::sync::{SyncMode, SyncRun};
use domain::{FieldInvalid, Permission, SyncRunId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::members::member;
use web::{App, Body, Data, Envelope, Field, Fields, FromWire, PathId, Problem, SignedIn};

use crate::kind::Kind;

/// What clients shall begin anew with.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SyncForce {
    /// All kinds where absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Kind>>)]
    types: Field<Kinds>,
}

impl Fields for SyncForce {
    const WRITES: &'static [&'static str] = &["types"];
}

#[derive(Debug)]
struct Kinds(Vec<Kind>);

impl FromWire for Kinds {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let named: Vec<Value> = serde_json::from_value(value)
            .map_err(|_| vec![FieldInvalid::new("", domain::Invalid::new("not_list", "must be a list of kinds"))])?;
        let mut kinds: Vec<Kind> = Vec::new();
        for value in named.into_iter().take(Kind::ALL.len() + 1) {
            let kind = Kind::from_wire(value)?;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Ok(Self(kinds))
    }
}

/// What clients will begin anew with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Anew {
    agent_id: UserId,
    types: Vec<Kind>,
    #[schema(value_type = String, format = DateTime)]
    forced_at: Timestamp,
}

/// Makes somebody's clients begin anew: whoever goes on from a cursor of before is answered 410 `sync_required`, and what
/// they changed meanwhile is taken as ever. Costs 1 read and 2 writes a kind.
#[utoipa::path(
    post, path = "/sync/force/{agentId}", tag = "sync",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    request_body = SyncForce,
    responses((status = 200, description = "They will begin anew.", body = Envelope<Anew>)),
)]
pub(crate) async fn sync_force(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    Body(body): Body<SyncForce>,
) -> Result<Data<Anew>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsWrite)?;
    let mut wrong = Vec::new();
    let types = body.types.optional("types", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    member(&app, &grant, agent).await?;
    let kinds = types.map(|kinds| kinds.0).filter(|kinds| !kinds.is_empty()).unwrap_or_else(|| Kind::ALL.to_vec());
    let (stored, now): (Vec<&str>, _) = (kinds.iter().map(|kind| kind.stored()).collect(), app.now());
    app.table().begin_anew(&grant, agent, &stored, now).await?;
    for kind in &kinds {
        let id = SyncRunId::at(now, app.platform().random());
        let run = SyncRun::new(id, kind.stored(), SyncMode::Forced, now, signed_in.user);
        app.table().sync_ran(&grant, agent, &run).await?;
    }
    Ok(Data(Anew { agent_id: agent, types: kinds, forced_at: now }))
}

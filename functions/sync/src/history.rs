//! `GET /sync/history/{agentId}`.

use axum::extract::State;
use domain::sync::{SyncMode, SyncRun};
use domain::{FieldInvalid, Invalid, Permission, SyncRunId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::members::member;
use web::{App, Data, Envelope, Page, Params, PathId, Problem, SignedIn};

use crate::kind::Kind;

/// A page of what became of somebody's clients' asking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncHistory {
    syncs: Vec<SyncRunView>,
    /// Leads to the next page; `null` on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// What became of a client's asking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncRun)]
pub(crate) struct SyncRunView {
    id: SyncRunId,
    /// The kind of records.
    #[serde(rename = "type")]
    #[schema(required)]
    kind: Option<Kind>,
    mode: SyncMode,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who was signed in.
    by: UserId,
    /// The device, as it names itself where it brings changes.
    #[schema(required)]
    client_id: Option<String>,
    /// Changes of the client that were done.
    applied: u32,
    /// That others' stood against.
    conflicts: u32,
    /// That could not be done.
    rejected: u32,
    /// Records that it was told.
    server_changes: u32,
    /// Records that it was told to be gone.
    deleted: u32,
    /// Whether there was more to tell.
    has_more: bool,
}

impl From<SyncRun> for SyncRunView {
    fn from(run: SyncRun) -> Self {
        let kind = Kind::of(&run);
        let SyncRun { id, records: _, mode, at, by, client, applied, conflicts, rejected, told, gone, more } = run;
        Self {
            id,
            kind,
            mode,
            at,
            by,
            client_id: client,
            applied,
            conflicts,
            rejected,
            server_changes: told,
            deleted: gone,
            has_more: more,
        }
    }
}

/// What became of somebody's clients' asking within 30 days, newest first. Those that brought nothing and were told
/// nothing are left out. Costs 1 read and 1 Query, 0.5 read units a 4 KB.
#[utoipa::path(
    get, path = "/sync/history/{agentId}", tag = "sync",
    params(
        ("agentId" = UserId, Path, description = "A user's id."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Entries a page: 1 to 200, 50 where nothing is said."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
    ),
    responses((status = 200, description = "A page.", body = Envelope<SyncHistory>)),
)]
pub(crate) async fn sync_history(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<SyncHistory>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    member(&app, &grant, agent).await?;
    let mut wrong = Vec::new();
    let (key, name) = (app.table().hash_key(), format!("{}#syncs#{agent}", grant.organization()));
    let page = Page::read(&params, key, &name, &mut wrong);
    if page.skip > 0 {
        wrong.push(FieldInvalid::new("page", Invalid::new("cursor_only", "this list goes on by next_cursor")));
    }
    if !page.newest_first {
        wrong.push(FieldInvalid::new("sort_order", Invalid::new("unknown_value", "must be desc")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let found = app.table().syncs(&grant, agent, page.cursor.as_ref(), page.limit).await?;
    Ok(Data(SyncHistory {
        next_cursor: page.sealed(key, &name, found.next.as_ref()),
        syncs: found.records.into_iter().map(SyncRunView::from).collect(),
    }))
}

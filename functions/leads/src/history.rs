//! A lead's history.

use axum::extract::State;
use domain::{Actor, Event, EventId, FieldChange, FieldInvalid, Invalid, Lead, LeadId, Permission, PersonalFields};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, PageQuery, Params, PathId, Problem, SignedIn};

/// One thing that happened to a lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    id: EventId,
    /// `lead.created`, `lead.stage_changed`…
    action: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The person who did it; `null` for visitors and for the platform itself.
    #[schema(required)]
    user_id: Option<domain::UserId>,
    /// `user`, `key`, `visitor` or `system`.
    actor: &'static str,
    /// Each field that changed.
    changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    #[schema(required)]
    reason: Option<String>,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    /// The lead's version after it.
    version: u64,
}

/// A page of a lead's history, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    history: Vec<HistoryEntry>,
    /// Leads to the next page; `null` on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl HistoryEntry {
    fn new(event: Event, clear: PersonalFields) -> Self {
        let Event {
            id,
            kind,
            at,
            actor,
            changes,
            reason,
            data,
            version,
            origin: _,
            organization: _,
            record: _,
            subject: _,
        } = event;
        let user_id = actor.user();
        let actor = match actor {
            Actor::User { .. } => "user",
            Actor::Key { .. } => "key",
            Actor::Visitor => "visitor",
            Actor::System { .. } => "system",
        };
        let changes = changes.into_iter().map(|change| clear.change(change)).collect();
        Self { id, action: kind, at, user_id, actor, changes, reason, data, version }
    }
}

/// Shows what happened to a lead, newest first. Costs 1 `GetItem` and 1 Query.
#[utoipa::path(
    get, path = "/leads/{id}/history", tag = "leads",
    params(("id" = LeadId, Path), PageQuery),
    responses((status = 200, body = Envelope<History>)),
)]
pub(crate) async fn lead_history(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    params: Params,
) -> Result<Data<History>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let key = app.table().hash_key();
    let list = format!("history {id}");
    let mut wrong = Vec::new();
    let page = Page::read(&params, key, &list, &mut wrong);
    if page.skip > 0 {
        wrong.push(FieldInvalid::new("page", Invalid::new("cursor_only", "a history goes on by next_cursor")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let lead: Lead = app.table().get(&grant, id).await?;
    let events = app.table().history(&grant, &lead, page.cursor.as_ref(), page.limit).await?;
    Ok(Data(History {
        next_cursor: page.sealed(key, &list, events.next.as_ref()),
        history: events.records.into_iter().map(|event| HistoryEntry::new(event, grant.clear())).collect(),
    }))
}

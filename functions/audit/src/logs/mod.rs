//! The audit log.

pub(crate) mod export;
pub(crate) mod list;
mod question;
pub(crate) mod verify;

use axum::http::StatusCode;
use domain::{Actor, ApiKeyId, EventId, FieldChange, Grant, Permission, PersonalFields, Rows, SessionId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use store::AuditRow;
use utoipa::ToSchema;
use web::{Problem, SignedIn};

use domain::mask::masked;

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditActor {
    /// `user`, `key`, `visitor` or `system`.
    r#type: &'static str,
    /// The person, or whose machine it is.
    #[schema(required)]
    user_id: Option<UserId>,
    /// The sign-in they used.
    #[schema(required)]
    session_id: Option<SessionId>,
    /// The machine's key.
    #[schema(required)]
    key_id: Option<ApiKeyId>,
    /// Which part of the platform it was.
    #[schema(required)]
    name: Option<String>,
}

impl From<Actor> for AuditActor {
    fn from(actor: Actor) -> Self {
        let nobody = Self { r#type: "visitor", user_id: None, session_id: None, key_id: None, name: None };
        match actor {
            Actor::User { id, session } => {
                Self { r#type: "user", user_id: Some(id), session_id: Some(session), ..nobody }
            }
            Actor::Key { id, user } => Self { r#type: "key", user_id: Some(user), key_id: Some(id), ..nobody },
            Actor::Visitor => nobody,
            Actor::System { name } => Self { r#type: "system", name: Some(name.into_owned()), ..nobody },
        }
    }
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditLogEntry {
    /// The event.
    id: EventId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `lead.created`, `lead.stage_changed`…
    action: String,
    /// The kind of record.
    record: String,
    /// The record.
    record_id: String,
    /// The record's version after it.
    version: u64,
    /// Who did it.
    actor: AuditActor,
    /// By which request, as its answer's `X-Request-Id` told.
    #[schema(required)]
    request_id: Option<String>,
    /// Where the request came from.
    #[schema(required)]
    address: Option<String>,
    /// Each field that changed.
    changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    #[schema(required)]
    reason: Option<String>,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    /// The block of the chain that holds it; `null` in the moments before it is taken in.
    #[schema(required)]
    block: Option<u64>,
    /// Whether the record was purged since, and what changed went with it.
    purged: bool,
}

impl AuditLogEntry {
    fn of(row: AuditRow, clear: PersonalFields) -> Self {
        let AuditRow { entry, block, event } = row;
        let purged = event.is_none();
        let (origin, changes, reason, data) = event.map_or_else(
            || (None, Vec::new(), None, Map::new()),
            |event| (event.origin, event.changes, event.reason, event.data),
        );
        let (request_id, address) = origin.map(|origin| (origin.request_id, origin.address)).unzip();
        let changed = |FieldChange { field, before, after }| FieldChange {
            before: masked(&field, before, clear),
            after: masked(&field, after, clear),
            field,
        };
        let data = match masked("", Value::Object(data), clear) {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Self {
            id: entry.event,
            at: entry.at,
            action: entry.action,
            record: entry.record,
            record_id: entry.subject,
            version: entry.version,
            actor: entry.actor.into(),
            request_id,
            address,
            changes: changes.into_iter().map(changed).collect(),
            reason,
            data,
            block,
            purged,
        }
    }
}

/// The proof for the audit log. It tells of every record, so whoever does not reach every record does not see it.
fn allowed(signed_in: &SignedIn, permission: Permission) -> Result<Grant, Problem> {
    let grant = signed_in.caller.allow(permission)?;
    match grant.rows() {
        Rows::All => Ok(grant),
        Rows::Branches { .. } | Rows::Team { .. } | Rows::Own { .. } => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "all_rows_required",
            "The audit log tells of every record; your role reaches only some.",
        )),
    }
}

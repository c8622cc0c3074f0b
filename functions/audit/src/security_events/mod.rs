//! What happened around signing in.

pub(crate) mod list;
pub(crate) mod view;

use domain::{PersonalFields, SecurityEvent, SecurityEventId, SecurityKind, SessionId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use domain::mask::masked;

/// Something that happened around signing in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecurityEventView {
    id: SecurityEventId,
    kind: SecurityKind,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whose account it was about.
    #[schema(required)]
    user_id: Option<UserId>,
    /// The sign-in it was about.
    #[schema(required)]
    session_id: Option<SessionId>,
    /// Where it came from.
    address: String,
    /// What the browser or the app calls itself.
    user_agent: String,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl SecurityEventView {
    fn of(event: SecurityEvent, clear: PersonalFields) -> Self {
        let SecurityEvent { meta, id, kind, user, session, address, user_agent, data } = event;
        let data = match masked("", Value::Object(data), clear) {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Self { id, kind, at: meta.created_at, user_id: user, session_id: session, address, user_agent, data }
    }
}

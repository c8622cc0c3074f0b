//! What an event looks like outside: to an endpoint, and in the list of events.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::mask::masked;
use crate::{Actor, ApiKeyId, Event, EventId, FieldChange, PersonalFields, UserId};

/// An event as it goes outside: what an endpoint is sent is what the list of events shows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventMessage {
    /// `lead.created`: the kind of record, a point, what happened.
    pub r#type: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// The rest.
    pub data: EventData,
}

/// What happened to which record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventData {
    /// The event.
    pub id: EventId,
    /// The kind of record: `lead`.
    pub record: String,
    /// The record.
    pub subject: String,
    /// The record's version after it. Of two events of one record the one with the higher version happened later.
    pub version: u64,
    /// Who did it.
    pub actor: EventActor,
    /// Each field that changed, before and after; none of a record that is new, which can be read by its id.
    pub changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    #[schema(required)]
    pub reason: Option<String>,
    /// What else is worth knowing, by type.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventActor {
    /// `user`, `key`, `visitor` or `system`.
    pub r#type: &'static str,
    /// The person, or whose machine it is.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// The machine's key.
    #[schema(required)]
    pub key_id: Option<ApiKeyId>,
    /// Which part of the platform it was.
    #[schema(required)]
    pub name: Option<String>,
}

impl EventMessage {
    /// An event, for eyes that see these personal fields in the clear; the others are masked.
    pub fn of(event: Event, clear: PersonalFields) -> Self {
        let Event { id, kind, organization: _, record, subject, version, at, actor, origin: _, changes, reason, data } =
            event;
        let changed = |FieldChange { field, before, after }| FieldChange {
            before: masked(&field, before, clear),
            after: masked(&field, after, clear),
            field,
        };
        let changes = changes.into_iter().map(changed).collect();
        let details = match masked("", Value::Object(data), clear) {
            Value::Object(details) => details,
            _ => Map::new(),
        };
        let data = EventData { id, record, subject, version, actor: actor.into(), changes, reason, details };
        Self { r#type: kind, timestamp: at, data }
    }
}

impl From<Actor> for EventActor {
    fn from(actor: Actor) -> Self {
        let nobody = Self { r#type: "visitor", user_id: None, key_id: None, name: None };
        match actor {
            Actor::User { id, session: _ } => Self { r#type: "user", user_id: Some(id), ..nobody },
            Actor::Key { id, user } => Self { r#type: "key", user_id: Some(user), key_id: Some(id), ..nobody },
            Actor::Visitor => nobody,
            Actor::System { name } => Self { r#type: "system", name: Some(name.into_owned()), ..nobody },
        }
    }
}

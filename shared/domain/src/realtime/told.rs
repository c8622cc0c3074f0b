//! What happened, as it goes to those who listen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Kind;
use crate::{Event, EventId, Membership, OrganizationId, UserId};

/// An event that is told, without anything that is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The tenant.
    pub organization: OrganizationId,
    /// The frame's event: `lead:assigned`.
    pub event: String,
    /// The event's id: a frame that comes twice has the same.
    pub id: EventId,
    /// The kind of record.
    pub kind: Kind,
    /// The record's id.
    pub subject: String,
    /// The record's version after it.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// The names of the fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// What those fields were before that decide who may hear of it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub before: Map<String, Value>,
}

/// A record's open fields: what lies in the table unsealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// The kind of record.
    pub kind: String,
    /// Its version.
    pub version: u64,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Its fields, by the names they are stored under.
    pub fields: Map<String, Value>,
}

impl Outline {
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }
}

impl Told {
    /// What an event tells; `None` for events that are nobody's news.
    pub fn of(event: &Event) -> Option<Self> {
        let kind = Kind::of(&event.record)?;
        let name = name(event)?;
        let before = event.changes.iter().filter(|change| kind.decides(&change.field));
        Some(Self {
            organization: event.organization,
            event: name,
            id: event.id,
            kind,
            subject: event.subject.clone(),
            version: event.version,
            at: event.at,
            changed: event.changes.iter().map(|change| change.field.clone()).collect(),
            before: before.map(|change| (change.field.clone(), change.before.clone())).collect(),
        })
    }

    /// Whether it says that the record was deleted.
    pub fn is_deletion(&self) -> bool {
        self.event.ends_with(":deleted")
    }

    /// The id of the other record that says who may hear of it: what a note is about, the membership of an agent.
    pub fn about(&self, record: &Outline) -> Option<String> {
        match self.kind {
            Kind::Note => record.text("entity_id").map(str::to_owned),
            Kind::Agent => record.text("user")?.parse::<UserId>().ok().map(|user| Membership::id_of(user).to_string()),
            Kind::Call | Kind::Lead | Kind::Notification | Kind::Reminder => None,
        }
    }
}

/// The frame's event: the event's kind with a colon, but for these. Where several things happened to a lead in one step,
/// its new owner is told first, then its new stage.
///
/// | event | frame |
/// | --- | --- |
/// | any of a lead with another `assigned_to` | `lead:assigned` |
/// | any of a lead with another `status` | `lead:status` |
/// | `lead.touched`, `lead.merged` | `lead:updated` |
/// | `lead.purged`, `lead.revealed` | none |
/// | `reminder.snoozed`, `.cancelled`, `.reopened` | `reminder:updated` |
/// | `notification.created` | `notification:new` |
/// | `agent.status_changed` | `agent:status` |
fn name(event: &Event) -> Option<String> {
    let (record, verb) = event.kind.split_once('.')?;
    let changed = |field: &str| event.changes.iter().any(|change| change.field == field);
    let verb = match (record, verb) {
        ("lead", "purged" | "revealed") => return None,
        ("lead", "created" | "deleted" | "restored") => verb,
        ("lead", _) if changed("assigned_to") => "assigned",
        ("lead", _) if changed("status") => "status",
        ("lead", _) | ("reminder", "snoozed" | "cancelled" | "reopened") => "updated",
        ("notification", "created") => "new",
        ("agent", _) => "status",
        (_, verb) => verb,
    };
    Some(format!("{record}:{verb}"))
}

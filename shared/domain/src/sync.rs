//! Bringing together what a client changed while it was offline and what others changed meanwhile.
//!
//! Versions decide, and the record's history; the clocks of phones do not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::values::wire_enum;
use crate::{Event, FieldChange, Record, SyncRunId, UserId, differences};

wire_enum! {
    /// How a client asked.
    SyncMode, "unknown_sync_mode",
    /// For what changed since it last asked.
    Incremental = "incremental",
    /// For all there is, of all kinds.
    Full = "full",
    /// For one kind of records.
    Selective = "selective",
    /// Somebody wanted the client to begin anew.
    Forced = "forced",
}

/// What came of a client's asking, as it is remembered for 30 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    /// Its id.
    pub id: SyncRunId,
    /// The kind of records.
    pub records: String,
    /// How it asked.
    pub mode: SyncMode,
    /// When.
    pub at: Timestamp,
    /// Who was signed in.
    pub by: UserId,
    /// The device as it names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Changes that were done.
    #[serde(default)]
    pub applied: u32,
    /// Changes that others' stood against.
    #[serde(default)]
    pub conflicts: u32,
    /// Changes that could not be done.
    #[serde(default)]
    pub rejected: u32,
    /// Records that were told.
    #[serde(default)]
    pub told: u32,
    /// Records that were told to be gone.
    #[serde(default)]
    pub gone: u32,
    /// Whether there was more to tell.
    #[serde(default)]
    pub more: bool,
}

impl SyncRun {
    /// One of which nothing has come yet.
    pub fn new(id: SyncRunId, records: &str, mode: SyncMode, at: Timestamp, by: UserId) -> Self {
        Self {
            id,
            records: records.to_owned(),
            mode,
            at,
            by,
            client: None,
            applied: 0,
            conflicts: 0,
            rejected: 0,
            told: 0,
            gone: 0,
            more: false,
        }
    }

    /// Whether it stands in the history: most find nothing new.
    pub fn is_worth_telling(&self) -> bool {
        let Self { mode, applied, conflicts, rejected, told, gone, .. } = self;
        *mode != SyncMode::Incremental || [applied, conflicts, rejected, told, gone].into_iter().any(|n| *n > 0)
    }
}

/// What an event remembers of the change that a client sent, under `sync` in its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Tells the change from every other, so that it is known again when it comes twice.
    pub key: String,
    /// The client, which knows of its own changes.
    pub client: String,
    /// When it says that it was made. Nothing depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The fields of it that others' changes stood against, so that they are told again when it comes twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
}

impl Sent {
    /// The name under which it stands in an event's data.
    pub const NAME: &'static str = "sync";

    /// What an event remembers, if a client sent its change.
    pub fn of(event: &Event) -> Option<Self> {
        event.data.get(Self::NAME).and_then(|value| serde_json::from_value(value.clone()).ok())
    }
}

/// A field that a client and somebody else changed to different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// The field; `custom_fields.x` for one of the free fields.
    pub field: String,
    /// What the client wants.
    pub client: Value,
    /// What stands.
    pub server: Value,
}

/// The fields that differ between a record as it stands and as a client wants it, and that somebody other than
/// `client` changed in the events since the client saw the record.
///
/// Where both changed a field to the same value there is no conflict, as there is nothing left to change. Where nobody
/// knows what happened since (`None`), every field may have been changed.
pub fn conflicts<R: Record>(server: &R, wanted: &R, since: Option<&[Event]>, client: &str) -> Vec<FieldConflict> {
    let others: Vec<String> = since
        .unwrap_or_default()
        .iter()
        .filter(|event| Sent::of(event).is_none_or(|sent| sent.client != client))
        .flat_map(|event| &event.changes)
        .flat_map(|change| parts(change).into_keys())
        .collect();
    differences(server, wanted)
        .iter()
        .flat_map(parts)
        .filter(|(field, _)| since.is_none() || others.contains(field))
        .map(|(field, (server, client))| FieldConflict { field, client, server })
        .collect()
}

/// A change of a field, or of each key of one that is an object.
fn parts(change: &FieldChange) -> BTreeMap<String, (Value, Value)> {
    let FieldChange { field, before, after } = change;
    let empty = Map::new();
    let (old, new) = match (before, after) {
        (Value::Object(old), Value::Object(new)) => (old, new),
        (Value::Object(old), Value::Null) => (old, &empty),
        (Value::Null, Value::Object(new)) => (&empty, new),
        _ => return BTreeMap::from([(field.clone(), (before.clone(), after.clone()))]),
    };
    let value = |map: &Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or(Value::Null);
    old.keys()
        .chain(new.keys())
        .map(|key| (format!("{field}.{key}"), (value(old, key), value(new, key))))
        .filter(|(_, (old, new))| old != new)
        .collect()
}

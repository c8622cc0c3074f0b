//! The kinds of records that frontends live on, and what of each may be shown.

use serde::{Deserialize, Serialize};

use crate::{AgentState, Call, EntityNote, Lead, Notification, Permission, Record as _, Reminder};

/// A kind of record whose changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What somebody who works leads is doing.
    Agent,
    /// A call.
    Call,
    /// A lead.
    Lead,
    /// A note.
    Note,
    /// What somebody was told.
    Notification,
    /// A reminder.
    Reminder,
}

impl Kind {
    /// The kind of this name, if its changes are told.
    pub fn of(record: &str) -> Option<Self> {
        [
            (AgentState::KIND, Self::Agent),
            (Call::KIND, Self::Call),
            (Lead::KIND, Self::Lead),
            (EntityNote::KIND, Self::Note),
            (Notification::KIND, Self::Notification),
            (Reminder::KIND, Self::Reminder),
        ]
        .into_iter()
        .find_map(|(name, kind)| (name == record).then_some(kind))
    }

    /// Its name, the `type` of a frame and the first part of its event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => AgentState::KIND,
            Self::Call => Call::KIND,
            Self::Lead => Lead::KIND,
            Self::Note => EntityNote::KIND,
            Self::Notification => Notification::KIND,
            Self::Reminder => Reminder::KIND,
        }
    }

    /// What one must be permitted to hear of it; `None` where it is somebody's own.
    pub(super) const fn permission(self) -> Option<Permission> {
        match self {
            Self::Agent => Some(Permission::AgentsRead),
            Self::Call => Some(Permission::CallsRead),
            Self::Lead => Some(Permission::LeadsRead),
            Self::Note => Some(Permission::NotesRead),
            Self::Notification => None,
            Self::Reminder => Some(Permission::RemindersRead),
        }
    }

    /// The field that names whose it is.
    pub(super) const fn owner(self) -> &'static str {
        match self {
            Self::Agent | Self::Notification => "user",
            Self::Call | Self::Reminder => "agentId",
            Self::Lead => "assigned_to",
            Self::Note => "author_id",
        }
    }

    /// The fields that a frame shows: as they are stored, and as the API names them. None of them is sealed, and none
    /// is written by people; a test holds them against [`crate::Record::SEALED`].
    pub(super) const fn shown(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Agent => &[("user", "agentId"), ("status", "status"), ("since", "since")],
            Self::Call => &[
                ("agentId", "agentId"),
                ("branch_id", "branch_id"),
                ("lead_id", "lead_id"),
                ("direction", "direction"),
                ("status", "status"),
                ("outcome", "outcome"),
                ("scheduled_at", "scheduled_at"),
                ("started_at", "started_at"),
                ("ended_at", "ended_at"),
                ("duration_seconds", "duration_seconds"),
            ],
            Self::Lead => &[
                ("assigned_to", "assigned_to"),
                ("branch_id", "branch_id"),
                ("status", "status"),
                ("priority", "priority"),
                ("score", "score"),
                ("converted_at", "converted_at"),
            ],
            Self::Note => &[
                ("author_id", "author_id"),
                ("entity_type", "entity_type"),
                ("entity_id", "entity_id"),
                ("note_type", "note_type"),
                ("priority", "priority"),
                ("is_private", "is_private"),
            ],
            Self::Notification => {
                &[("kind", "type"), ("priority", "priority"), ("read_at", "read_at"), ("expires_at", "expires_at")]
            }
            Self::Reminder => &[
                ("agentId", "agentId"),
                ("branch_id", "branch_id"),
                ("lead_id", "lead_id"),
                ("call_id", "call_id"),
                ("due_at", "due_at"),
                ("priority", "priority"),
                ("type", "type"),
                ("status", "status"),
                ("completed_at", "completed_at"),
            ],
        }
    }

    /// The fields that decide who may hear of it.
    pub(super) fn decides(self, field: &str) -> bool {
        field == self.owner() || matches!(field, "branch_id" | "is_private")
    }
}

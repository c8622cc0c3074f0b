//! A note that somebody wrote about a lead, a call or a reminder.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, CallId, Change, Invalid, LeadId, Note, NoteId, OrganizationId, Priority, ReminderId, Tags, UserId,
};

/// A note mentions at most so many people.
pub const MAX_MENTIONS: usize = 20;

wire_enum! {
    /// What a note is.
    NoteType, "unknown_note_type",
    /// Anything.
    General = "general",
    /// What is to be done next.
    FollowUp = "follow_up",
    /// What nobody should miss.
    Important = "important",
    /// What was said at a meeting.
    Meeting = "meeting",
    /// What was said on a call.
    Call = "call",
    /// What somebody wants to remember.
    Reminder = "reminder",
}

/// What a note is about. The id tells the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entity_type", content = "entity_id", rename_all = "snake_case")]
pub enum NoteEntity {
    /// A lead.
    Lead(LeadId),
    /// A call.
    Call(CallId),
    /// A reminder.
    Reminder(ReminderId),
}

impl NoteEntity {
    /// The word for what it is.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Lead(_) => "lead",
            Self::Call(_) => "call",
            Self::Reminder(_) => "reminder",
        }
    }

    /// Its id as text.
    pub fn id(self) -> String {
        match self {
            Self::Lead(id) => id.to_string(),
            Self::Call(id) => id.to_string(),
            Self::Reminder(id) => id.to_string(),
        }
    }
}

impl std::str::FromStr for NoteEntity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let lead = text.parse().map(Self::Lead);
        let call = || text.parse().map(Self::Call);
        let reminder = || text.parse().map(Self::Reminder);
        lead.or_else(|_| call())
            .or_else(|_| reminder())
            .map_err(|_| Invalid::new("invalid_id", "must be the id of a lead, a call or a reminder"))
    }
}

/// A note as a record; its text is a [`Note`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityNote {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: NoteId,
    /// The branch of what it is about, when it was written.
    pub branch_id: BranchId,
    /// Who wrote it.
    pub author_id: UserId,
    /// What it is about.
    #[serde(flatten)]
    pub entity: NoteEntity,
    /// What it says.
    pub content: Note,
    /// How often that or its labels were changed; what they said before stands in no event.
    #[serde(default)]
    pub edits: u32,
    /// What it is.
    pub note_type: NoteType,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// Whether only its author sees it.
    #[serde(default)]
    pub is_private: bool,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Who is mentioned in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// When its author wants to be reminded of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_at: Option<Timestamp>,
    /// The reminder that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_id: Option<ReminderId>,
}

/// What a new note says.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteDetails {
    /// Its text.
    pub content: Note,
    /// What it is.
    pub note_type: Option<NoteType>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Whether only its author sees it.
    pub is_private: bool,
    /// Free labels.
    pub tags: Tags,
    /// Who is mentioned in it, each once.
    pub mentions: Vec<UserId>,
    /// The reminder of it, and when.
    pub reminder: Option<(ReminderId, Timestamp)>,
}

/// Where a note is written.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    /// The id it gets.
    pub id: NoteId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch of what it is about.
    pub branch: BranchId,
    /// Who writes it.
    pub author: UserId,
    /// What it is about.
    pub entity: NoteEntity,
    /// When.
    pub now: Timestamp,
}

/// A merge update: `None` keeps, a value sets.
#[derive(Debug, Clone, Default)]
pub struct NotePatch {
    /// Its text.
    pub content: Option<Note>,
    /// What it is.
    pub note_type: Option<NoteType>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Whether only its author sees it.
    pub is_private: Option<bool>,
    /// Free labels, replaced whole.
    pub tags: Option<Tags>,
    /// Who is mentioned in it, replaced whole.
    pub mentions: Option<Vec<UserId>>,
    /// The reminder of it, and when; cleared where there shall be none.
    pub reminder: Option<Option<(ReminderId, Timestamp)>>,
}

impl EntityNote {
    /// A new one. Its event tells what it is about and who is mentioned.
    pub fn create(details: NoteDetails, writing: Writing) -> Change<Self> {
        let NoteDetails { content, note_type, priority, is_private, tags, mentions, reminder } = details;
        let Writing { id, organization, branch, author, entity, now } = writing;
        let note = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            author_id: author,
            entity,
            content,
            edits: 0,
            note_type: note_type.unwrap_or(NoteType::General),
            priority: priority.unwrap_or_default(),
            is_private,
            tags,
            mentions,
            reminder_at: reminder.map(|(_, at)| at),
            reminder_id: reminder.map(|(id, _)| id),
        };
        let mentioned = note.mentions.clone();
        Change::create(note, "note.created")
            .with("mentions", mentioned)
            .with("entity_type", entity.kind())
            .with("entity_id", entity.id())
            .with("is_private", is_private)
    }

    /// Changes what it says. The event tells who is mentioned now and was not before.
    pub fn update(self, patch: NotePatch, now: Timestamp) -> Change<Self> {
        let NotePatch { content, note_type, priority, is_private, tags, mentions, reminder } = patch;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.content = content.unwrap_or(after.content);
        after.tags = tags.unwrap_or(after.tags);
        if after.content != self.content || after.tags != self.tags {
            after.edits = after.edits.saturating_add(1);
        }
        after.note_type = note_type.unwrap_or(after.note_type);
        after.priority = priority.unwrap_or(after.priority);
        after.is_private = is_private.unwrap_or(after.is_private);
        after.mentions = mentions.unwrap_or(after.mentions);
        if let Some(reminder) = reminder {
            after.reminder_at = reminder.map(|(_, at)| at);
            after.reminder_id = reminder.map(|(id, _)| id);
        }
        let mentioned: Vec<UserId> =
            after.mentions.iter().copied().filter(|user| !self.mentions.contains(user)).collect();
        let is_private = after.is_private;
        Change::update(self, after, "note.updated").with("mentions", mentioned).with("is_private", is_private)
    }

    /// Deletes it softly; the reminder of it goes for good.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        let mut change = Change::delete(self, now, "note.deleted");
        (change.after.reminder_at, change.after.reminder_id) = (None, None);
        change
    }

    /// Whether somebody may see it who sees what it is about.
    pub fn is_shown_to(&self, user: UserId) -> bool {
        !self.is_private || self.author_id == user
    }
}

impl Record for EntityNote {
    const KIND: &'static str = "note";
    type Id = NoteId;

    fn id(&self) -> NoteId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        Some(self.author_id)
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "entity", self.entity.id()), List::new(Slot::Two, "author", self.author_id)]
    }
    const SEALED: &'static [&'static str] = &["content", "tags"];
    /// Whoever reads the audit log must not read a private note in it.
    const DERIVED: &'static [&'static str] = &["content", "tags"];
}

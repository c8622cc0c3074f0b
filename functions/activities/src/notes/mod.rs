//! Notes about leads, calls and reminders.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

mod entity;
mod reminder;

use axum::http::StatusCode;
use domain::note::MAX_MENTIONS;
use domain::{
    BranchId, Caller, EntityNote, FieldInvalid, Grant, Invalid, LeadId, Membership, Meta, Note, NoteEntity, NoteId,
    NoteType, Permission, Priority, ReminderId, Tags, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, SignedIn};

use entity::entity;

/// What frontends send back of a note and only we write: whoever writes it is its author.
const READ_ONLY: &[&str] =
    &["author_id", "user_id", "branch_id", "reminder_id", "edits", "created_at", "updated_at", "version"];

/// A note.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteView {
    /// Its id.
    id: NoteId,
    /// `lead`, `call` or `reminder`.
    #[serde(rename = "entityType")]
    entity_type: &'static str,
    /// What it is about.
    #[serde(rename = "entityId")]
    entity_id: String,
    /// The same, where that is a lead.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// Who wrote it.
    author_id: UserId,
    /// The same.
    user_id: UserId,
    /// The branch of what it is about, when it was written.
    branch_id: BranchId,
    /// What it says.
    content: Note,
    /// How often that or its labels were changed.
    edits: u32,
    /// What it is.
    note_type: NoteType,
    /// How urgent it is.
    priority: Priority,
    /// Whether only its author sees it.
    is_private: bool,
    /// Free labels.
    tags: Tags,
    /// Who is mentioned in it.
    mentions: Vec<UserId>,
    /// When its author wants to be reminded of it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    reminder_at: Option<Timestamp>,
    /// The reminder that does it.
    #[schema(required)]
    reminder_id: Option<ReminderId>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<EntityNote> for NoteView {
    fn from(note: EntityNote) -> Self {
        let EntityNote {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            author_id,
            entity,
            content,
            edits,
            note_type,
            priority,
            is_private,
            tags,
            mentions,
            reminder_at,
            reminder_id,
        } = note;
        let lead_id = if let NoteEntity::Lead(lead) = entity { Some(lead) } else { None };
        Self {
            id,
            entity_type: entity.kind(),
            entity_id: entity.id(),
            lead_id,
            author_id,
            user_id: author_id,
            branch_id,
            content,
            edits,
            note_type,
            priority,
            is_private,
            tags,
            mentions,
            reminder_at,
            reminder_id,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Reads notes whoever wrote them: who sees what a note is about sees the note, and that is looked at each time.
fn reading(grant: &Grant) -> Grant {
    Caller::system(grant.organization(), "activities").own()
}

/// A note that the caller may see: their own, or one that is not private about what they see. 1 read, and 1 more for
/// somebody else's.
async fn seen(app: &App, grant: &Grant, signed_in: &SignedIn, id: NoteId) -> Result<EntityNote, Problem> {
    let note: EntityNote = app.table().get_to_change(&reading(grant), id).await?;
    if note.author_id != signed_in.user {
        if note.is_private {
            return Err(Problem::not_found());
        }
        entity(app, grant, note.entity).await?.ok_or_else(Problem::not_found)?;
    }
    Ok(note)
}

/// Refuses to write in somebody else's note without the permission to.
fn refuse_strangers(signed_in: &SignedIn, note: &EntityNote) -> Result<(), Problem> {
    if note.author_id == signed_in.user || signed_in.caller.may(Permission::NotesModerate) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "not_author", "Somebody else wrote this note."))
}

/// The people a note mentions, each once: 1 read of all. Who is no active member is refused.
async fn mentioned(app: &App, grant: &Grant, users: Vec<UserId>) -> Result<Vec<UserId>, Problem> {
    let mut once: Vec<UserId> = Vec::new();
    for user in &users {
        if !once.contains(user) {
            once.push(*user);
        }
    }
    if once.len() > MAX_MENTIONS {
        return Err(Problem::field("mentions", Invalid::new("too_many", "must name at most 20 people")));
    }
    if once.is_empty() {
        return Ok(once);
    }
    let ids: Vec<_> = once.iter().map(|user| Membership::id_of(*user)).collect();
    let members = app.table().get_many_to_change::<Membership>(grant, &ids).await?;
    let known = |user: &UserId| members.get(&Membership::id_of(*user)).is_some_and(Membership::is_active);
    let wrong: Vec<FieldInvalid> = users
        .iter()
        .enumerate()
        .filter(|(_, user)| !known(user))
        .map(|(place, _)| {
            FieldInvalid::new(format!("mentions.{place}"), Invalid::new("unknown_user", "is nobody who is here"))
        })
        .collect();
    if wrong.is_empty() { Ok(once) } else { Err(wrong.into()) }
}

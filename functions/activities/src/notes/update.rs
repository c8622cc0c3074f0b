//! `PUT /notes/{id}`.

use axum::extract::State;
use domain::note::NotePatch;
use domain::{FieldInvalid, Note, NoteId, NoteType, Permission, Priority, Tags, UserId};
use jiff::Timestamp;
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, refuse_changed};

use super::entity::entity;
use super::reminder::{self, Whose};
use super::{NoteView, mentioned, refuse_strangers, seen};

/// Tries against other writers of the same note.
const TRIES: u32 = 8;

/// A merge update: a field that is absent stays, `null` clears it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NoteUpdate {
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    content: Field<Note>,
    #[serde(default)]
    #[schema(value_type = Option<NoteType>)]
    note_type: Field<NoteType>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_private: Field<bool>,
    /// Replaced whole.
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Field<Tags>,
    /// Replaced whole.
    #[serde(default)]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 20)]
    mentions: Field<Vec<UserId>>,
    /// Moves the reminder of it, makes one, or with `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    reminder_at: Field<Timestamp>,
}

impl Fields for NoteUpdate {
    const WRITES: &'static [&'static str] =
        &["content", "note_type", "priority", "is_private", "tags", "mentions", "reminder_at"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "lead_id",
        "entityId",
        "entityType",
        "author_id",
        "user_id",
        "branch_id",
        "reminder_id",
        "edits",
        "created_at",
        "updated_at",
        "version",
    ];
}

/// What a body changes, before the people it names are looked for.
struct Wanted {
    mentions: Option<Vec<UserId>>,
    reminder_at: Option<Option<Timestamp>>,
    patch: NotePatch,
}

impl NoteUpdate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let wanted = Wanted {
            mentions: self.mentions.patch("mentions", w).map(Option::unwrap_or_default),
            reminder_at: self.reminder_at.patch("reminder_at", w),
            patch: NotePatch {
                content: self.content.replaced("content", w),
                note_type: self.note_type.replaced("note_type", w),
                priority: self.priority.patch("priority", w).map(Option::unwrap_or_default),
                is_private: self.is_private.replaced("is_private", w),
                tags: self.tags.patch("tags", w).map(Option::unwrap_or_default),
                mentions: None,
                reminder: None,
            },
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }
}

/// Changes a note: its author may, and who has `notes:moderate`. The reminder of it moves with it, in one transaction.
/// With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/notes/{id}", tag = "notes",
    params(("id" = NoteId, Path)),
    request_body = NoteUpdate,
    responses((status = 200, body = Envelope<NoteView>, headers(("ETag" = String)))),
)]
pub(crate) async fn note_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NoteId>,
    if_match: IfMatch,
    Body(body): Body<NoteUpdate>,
) -> Result<Versioned<NoteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesWrite)?;
    let Wanted { mentions, reminder_at, mut patch } = body.parse()?;
    if let Some(mentions) = mentions {
        patch.mentions = Some(mentioned(&app, &grant, mentions).await?);
    }
    if reminder_at.is_some() {
        reminder::allow(&signed_in)?;
    }
    for _ in 0..TRIES {
        let note = seen(&app, &grant, &signed_in, id).await?;
        refuse_strangers(&signed_in, &note)?;
        refuse_changed(&app, &grant, &note, if_match, NoteUpdate::WRITES).await?;
        let mut transaction = app.table().transaction();
        let mut patch = patch.clone();
        match reminder_at {
            Some(Some(at)) if note.reminder_at != Some(at) => {
                let lead = entity(&app, &grant, note.entity).await?.and_then(|found| found.lead);
                let whose = Whose { author: note.author_id, branch: note.branch_id, lead };
                let change = reminder::moved(&app, &grant, note.reminder_id, whose, at).await?;
                let reminder = transaction.push(&grant, change)?;
                patch.reminder = Some(Some((reminder.id, reminder.due_at)));
            }
            Some(None) => {
                if let Some(change) = reminder::gone(&app, &grant, note.reminder_id).await? {
                    transaction.push(&grant, change)?;
                }
                patch.reminder = Some(None);
            }
            Some(Some(_)) | None => {}
        }
        let change = note.clone().update(patch, app.now());
        if change.changes().is_empty() {
            let version = note.meta.version;
            return Ok(Versioned(note.into(), version));
        }
        let note = transaction.push(&grant, change)?;
        match transaction.commit().await {
            Ok(()) => {
                let version = note.meta.version;
                return Ok(Versioned(note.into(), version));
            }
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

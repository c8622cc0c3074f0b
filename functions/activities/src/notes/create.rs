//! `POST /notes`.

use axum::extract::State;
use domain::note::{NoteDetails, Writing};
use domain::{
    EntityNote, FieldInvalid, Invalid, LeadId, Note, NoteEntity, NoteId, NoteType, Permission, Priority, Tags, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::entity::entity;
use super::reminder::{self, Whose};
use super::{NoteView, mentioned};

/// A new note about a lead (`lead_id`), or about what `entityId` names. Its author is whoever writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NoteCreate {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<NoteId>)]
    id: Field<NoteId>,
    #[serde(default)]
    #[schema(value_type = Note, required)]
    content: Field<Note>,
    /// The lead it is about.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// The lead, the call or the reminder it is about.
    #[serde(default, rename = "entityId")]
    #[schema(value_type = Option<String>)]
    entity_id: Field<NoteEntity>,
    /// `lead`, `call` or `reminder`; `entityId` tells it too.
    #[serde(default, rename = "entityType")]
    #[schema(value_type = Option<String>)]
    entity_type: Field<String>,
    /// `general` where absent.
    #[serde(default)]
    #[schema(value_type = Option<NoteType>)]
    note_type: Field<NoteType>,
    /// `normal` where absent.
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    /// Whether only its author sees it; `false` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_private: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Field<Tags>,
    /// Members of the organization, at most 20.
    #[serde(default)]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 20)]
    mentions: Field<Vec<UserId>>,
    /// When to be reminded of it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    reminder_at: Field<Timestamp>,
}

impl Fields for NoteCreate {
    const WRITES: &'static [&'static str] = &[
        "id",
        "content",
        "lead_id",
        "entityId",
        "entityType",
        "note_type",
        "priority",
        "is_private",
        "tags",
        "mentions",
        "reminder_at",
    ];
    const READ_ONLY: &'static [&'static str] = super::READ_ONLY;
}

struct Wanted {
    id: Option<NoteId>,
    /// The field that names it, too.
    entity: (&'static str, NoteEntity),
    mentions: Vec<UserId>,
    reminder_at: Option<Timestamp>,
    details: NoteDetails,
}

impl NoteCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let lead = self.lead_id.optional("lead_id", w).map(|lead| ("lead_id", NoteEntity::Lead(lead)));
        let named = self.entity_id.optional("entityId", w).map(|entity| ("entityId", entity));
        let kind = self.entity_type.optional("entityType", w);
        match (lead, named) {
            (Some((_, lead)), Some((_, named))) if lead != named => {
                w.push(FieldInvalid::new("entityId", Invalid::new("contradiction", "is not what lead_id says")));
            }
            _ => {}
        }
        let entity = named.or(lead);
        match (&kind, entity) {
            (Some(kind), Some((_, entity))) if !kind.eq_ignore_ascii_case(entity.kind()) => {
                let invalid = Invalid::new("contradiction", "is not what the id says");
                w.push(FieldInvalid::new("entityType", invalid));
            }
            _ => {}
        }
        let content = self.content.required("content", w);
        let id = self.id.optional("id", w);
        let note_type = self.note_type.optional("note_type", w);
        let priority = self.priority.optional("priority", w);
        let is_private = self.is_private.optional("is_private", w).unwrap_or_default();
        let tags = self.tags.optional("tags", w).unwrap_or_default();
        let mentions = self.mentions.optional("mentions", w).unwrap_or_default();
        let reminder_at = self.reminder_at.optional("reminder_at", w);
        if entity.is_none() && wrong.iter().all(|error| !["lead_id", "entityId"].contains(&error.field.as_str())) {
            wrong.push(FieldInvalid::new("entityId", Invalid::new("required", "or lead_id is required")));
        }
        match (content, entity) {
            (Some(content), Some(entity)) if wrong.is_empty() => {
                let details = NoteDetails {
                    content,
                    note_type,
                    priority,
                    is_private,
                    tags,
                    mentions: Vec::new(),
                    reminder: None,
                };
                Ok(Wanted { id, entity, mentions, reminder_at, details })
            }
            _ => Err(wrong),
        }
    }
}

/// Writes a note about a lead, a call or a reminder, and makes a reminder of it for its author where one is wanted, in
/// one transaction. Costs 1 more read for what it is about, and 1 for all who are mentioned.
#[utoipa::path(
    post, path = "/notes", tag = "notes",
    request_body = NoteCreate,
    responses((status = 201, body = Envelope<NoteView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn note_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NoteCreate>,
) -> Result<Created<NoteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesWrite)?;
    let Wanted { id, entity: (field, about), mentions, reminder_at, mut details } = body.parse()?;
    let unknown = || Problem::field(field, Invalid::new("unknown_entity", "is nothing that you see"));
    let found = entity(&app, &grant, about).await?.ok_or_else(unknown)?;
    details.mentions = mentioned(&app, &grant, mentions).await?;
    let now = app.now();
    let mut transaction = app.table().transaction();
    if let Some(at) = reminder_at {
        reminder::allow(&signed_in)?;
        let whose = Whose { author: signed_in.user, branch: found.branch, lead: found.lead };
        let reminder = transaction.push(&grant, reminder::new(&app, &grant, whose, at)?)?;
        details.reminder = Some((reminder.id, reminder.due_at));
    }
    let writing = Writing {
        id: id.unwrap_or_else(|| NoteId::at(now, app.platform().random())),
        organization: grant.organization(),
        branch: found.branch,
        author: signed_in.user,
        entity: about,
        now,
    };
    let note = transaction.push(&grant, EntityNote::create(details, writing))?;
    transaction.commit().await?;
    let (version, location) = (note.meta.version, format!("/notes/{}", note.id));
    Ok(Created { data: note.into(), location, version })
}

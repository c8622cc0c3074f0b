//! `GET /notes`.

use axum::extract::State;
use domain::filter::{FieldType, Fields, Filter};
use domain::{EntityNote, FieldInvalid, Invalid, List, NoteEntity, Permission, Slot, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::members::member;
use web::{App, Data, Envelope, Page, PageQuery, Pagination, Params, Problem, SignedIn};

use super::entity::entity;
use super::{NoteView, reading};
use crate::asked::{own_word, passes};

/// What notes can be filtered by, beside what they are about and who wrote them.
const FIELDS: Fields = Fields::new(&[
    ("content", FieldType::Text),
    ("created_at", FieldType::Timestamp),
    ("is_private", FieldType::Boolean),
    ("note_type", FieldType::Text),
    ("priority", FieldType::Text),
    ("reminder_at", FieldType::Timestamp),
    ("tags", FieldType::TextList),
    ("updated_at", FieldType::Timestamp),
]);

/// Parameters that choose the list.
const CHOOSING: [&str; 4] = ["entityId", "entityType", "user_id", "author_id"];

/// A page of notes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteList {
    /// The notes.
    notes: Vec<NoteView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists the notes about a lead, a call or a reminder (`entityId`), or those that somebody wrote (`user_id`, you where
/// absent), newest first. Private ones of others are not among them.
///
/// Costs 1 Query and 1 read; a filter reads on until the page is full, 2,000 notes at most.
#[utoipa::path(
    get, path = "/notes", tag = "notes",
    params(
        PageQuery,
        ("entityId" = Option<String>, Query, description = "The id of a lead, a call or a reminder."),
        ("entityType" = Option<String>, Query, description = "`lead`, `call` or `reminder`; the id tells it too."),
        ("user_id" = Option<String>, Query, description = "Who wrote them; `author_id` is the same."),
        ("note_type" = Option<String>, Query, description = "What they are."),
        ("priority" = Option<String>, Query, description = "How urgent they are."),
        ("tags" = Option<String>, Query, description = "A label."),
    ),
    responses((status = 200, body = Envelope<NoteList>)),
)]
pub(crate) async fn note_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<NoteList>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesRead)?;
    let mut wrong = Vec::new();
    let (about, author) = (about(&params, &mut wrong), author(&params, &mut wrong));
    let reserved: Vec<&str> = Page::RESERVED.into_iter().chain(CHOOSING).collect();
    let others: Vec<_> = params.others(&reserved).map(|(name, value)| (name, own_word(name, value))).collect();
    let others = others.iter().map(|(name, value)| (*name, value.as_ref()));
    let zone = app.organization(&grant).await?.time_zone();
    let filter = Filter::from_query(others, &FIELDS, &zone).unwrap_or_else(|errors| {
        wrong.extend(errors);
        Filter::default()
    });
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let (list, grant, author) = if let Some(about) = about {
        entity(&app, &grant, about).await?.ok_or_else(Problem::not_found)?;
        (List::new(Slot::One, "entity", about.id()), reading(&grant), author)
    } else {
        let author = author.unwrap_or(signed_in.user);
        member(&app, &grant, author).await?;
        let grant = if author == signed_in.user { reading(&grant) } else { grant };
        (List::new(Slot::Two, "author", author), grant, None)
    };
    let words = format!("{} {:?} {author:?} {}", signed_in.user, grant.rows(), filter.to_json());
    let asked = Asked { words, shown: Shown::Filtered, ..Asked::of(&list) };
    let keep = |note: &EntityNote| {
        note.is_shown_to(signed_in.user)
            && author.is_none_or(|author| author == note.author_id)
            && passes(&filter, note, NoteView::from)
    };
    let (notes, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    Ok(Data(NoteList { notes: notes.into_iter().map(NoteView::from).collect(), pagination }))
}

/// What the notes are to be about.
fn about(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Option<NoteEntity> {
    let entity: Option<NoteEntity> = params.parsed("entityId", wrong);
    let kind = params.get("entityType").filter(|kind| !kind.eq_ignore_ascii_case("all"));
    match (kind, entity) {
        (Some(kind), Some(entity)) if !kind.eq_ignore_ascii_case(entity.kind()) => {
            wrong.push(FieldInvalid::new("entityType", Invalid::new("contradiction", "is not what the id says")));
        }
        (Some(_), None) if params.get("entityId").is_none() => {
            wrong.push(FieldInvalid::new("entityId", Invalid::required()));
        }
        _ => {}
    }
    entity
}

/// Who is to have written them.
fn author(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Option<UserId> {
    let name = if params.get("user_id").is_some() { "user_id" } else { "author_id" };
    if params.get(name) == Some("all") { None } else { params.parsed(name, wrong) }
}

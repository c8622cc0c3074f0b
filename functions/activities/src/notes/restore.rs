//! `POST /notes/{id}/restore`.

use axum::extract::State;
use domain::{Change, EntityNote, NoteId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{NoteView, refuse_strangers};

/// Brings a deleted note back, without the reminder of it: its author may, and who has `notes:moderate`.
#[utoipa::path(
    post, path = "/notes/{id}/restore", tag = "notes",
    params(("id" = NoteId, Path)),
    responses((status = 200, body = Envelope<NoteView>, headers(("ETag" = String)))),
)]
pub(crate) async fn note_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NoteId>,
) -> Result<Versioned<NoteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesWrite)?;
    let note: EntityNote = app.table().get_deleted(&grant, id).await?;
    if !note.is_shown_to(signed_in.user) {
        return Err(Problem::not_found());
    }
    refuse_strangers(&signed_in, &note)?;
    let note = app.table().commit(&grant, Change::restore(note, app.now(), "note.restored")).await?;
    let version = note.meta.version;
    Ok(Versioned(note.into(), version))
}

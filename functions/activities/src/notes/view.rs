//! `GET /notes/{id}`.

use axum::extract::State;
use domain::{NoteId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{NoteView, seen};

/// Shows a note: one's own, or one that is not private about what one sees. Costs 1 `GetItem`, and 1 more for somebody
/// else's.
#[utoipa::path(
    get, path = "/notes/{id}", tag = "notes",
    params(("id" = NoteId, Path)),
    responses((status = 200, body = Envelope<NoteView>, headers(("ETag" = String)))),
)]
pub(crate) async fn note_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NoteId>,
) -> Result<Versioned<NoteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesRead)?;
    let note = seen(&app, &grant, &signed_in, id).await?;
    let version = note.meta.version;
    Ok(Versioned(note.into(), version))
}

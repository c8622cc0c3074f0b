//! `DELETE /notes/{id}`.

use axum::extract::State;
use domain::{NoteId, Permission};
use store::{CommitError, Refused};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, refuse_changed};

use super::{refuse_strangers, reminder, seen};

/// Tries against other writers of the same note.
const TRIES: u32 = 8;

/// Deletes a note: its author may, and who has `notes:moderate`. It can be restored for 30 days, but the reminder of it
/// is gone.
#[utoipa::path(
    delete, path = "/notes/{id}", tag = "notes",
    params(("id" = NoteId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn note_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NoteId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotesWrite)?;
    let now = app.now();
    for _ in 0..TRIES {
        let note = seen(&app, &grant, &signed_in, id).await?;
        refuse_strangers(&signed_in, &note)?;
        refuse_changed(&app, &grant, &note, if_match, &[]).await?;
        let mut transaction = app.table().transaction();
        if let Some(change) = reminder::gone(&app, &grant, note.reminder_id).await? {
            transaction.push(&grant, change)?;
        }
        transaction.push(&grant, note.delete(now))?;
        match transaction.commit().await {
            Ok(()) => return Ok(Data(Deleted::restorable(&id, now))),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

//! `DELETE /files/{id}`.

use axum::extract::State;
use domain::{File, FileId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a file; it can be restored for 30 days, and then its bytes go, too. What waits to be sent with it is not sent. 1
/// read, 1 transaction.
#[utoipa::path(
    delete, path = "/files/{id}", tag = "files", params(("id" = FileId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn file_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FileId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::FilesWrite)?, app.now());
    change(&app, &grant, id, if_match, &[], |file: File| Ok(file.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

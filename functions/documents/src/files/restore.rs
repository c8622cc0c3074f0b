//! `POST /files/{id}/restore`.

use axum::extract::State;
use domain::{File, FileId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::FileView;

/// Brings a deleted file back. 1 read, 1 transaction.
#[utoipa::path(
    post, path = "/files/{id}/restore", tag = "files", params(("id" = FileId, Path)),
    responses((status = 200, body = Envelope<FileView>, headers(("ETag" = String)))),
)]
pub(crate) async fn file_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FileId>,
) -> Result<Versioned<FileView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesWrite)?;
    let file: File = app.table().get_deleted(&grant, id).await?;
    let file = app.table().commit(&grant, file.restore(app.now())).await?;
    let version = file.meta.version;
    Ok(Versioned(file.into(), version))
}

//! `GET /files/{id}`.

use axum::extract::State;
use domain::{File, FileId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::FileView;

/// What a file is. 1 read.
#[utoipa::path(
    get, path = "/files/{id}", tag = "files", params(("id" = FileId, Path)),
    responses((status = 200, body = Envelope<FileView>, headers(("ETag" = String)))),
)]
pub(crate) async fn file_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FileId>,
) -> Result<Versioned<FileView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesRead)?;
    let file: File = app.table().get(&grant, id).await?;
    let version = file.meta.version;
    Ok(Versioned(file.into(), version))
}

//! `POST /files/{id}/complete`.

use axum::extract::State;
use domain::file::WAITING_AREA;
use domain::{File, FileId, FileState, Invalid, Permission};
use store::FileError;
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::{FileView, keep, looked_at};

/// Looks at the bytes that were uploaded by a link, and keeps them: the file is ready then, and whoever still has the link
/// changes nothing of it. One that is ready is shown as it is.
///
/// 409 `not_uploaded` where there are no bytes yet; 422 `wrong_size` where they are not as many as was said,
/// `content_type_differs` where they are something else, and `type_not_allowed` where they are nothing that is kept: the right
/// ones may be put by the same link. 1 `GetObject` and 1 `PutObject`, 2 reads and 1 transaction.
#[utoipa::path(
    post, path = "/files/{id}/complete", tag = "files", params(("id" = FileId, Path)),
    responses((status = 200, body = Envelope<FileView>, headers(("ETag" = String)))),
)]
pub(crate) async fn file_complete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FileId>,
) -> Result<Versioned<FileView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesWrite)?;
    let file: File = app.table().get_to_change(&grant, id).await?;
    if file.state == FileState::Ready {
        let version = file.meta.version;
        return Ok(Versioned(file.into(), version));
    }
    let (place, limit) = (File::waiting_place(id), file.bytes as usize);
    let bytes = match app.platform().files()?.get(&grant, WAITING_AREA, &place, limit).await {
        Ok(bytes) if bytes.len() == limit => bytes,
        Ok(_) | Err(FileError::TooLarge { .. }) => {
            let invalid = Invalid::new("wrong_size", "is not what was uploaded");
            return Err(Problem::field("bytes", invalid));
        }
        Err(FileError::NotFound) => {
            return Err(Problem::conflict("not_uploaded", "Its bytes are not there yet."));
        }
        Err(error) => return Err(error.into()),
    };
    let (bytes, contents) = looked_at(bytes, file.name).await?;
    if file.content_type.is_some_and(|said| !contents.content_type.may_be_called(said)) {
        let invalid = Invalid::new("content_type_differs", "is not what was uploaded");
        return Err(Problem::field("content_type", invalid));
    }
    keep(&app, &grant, id, &contents, bytes).await?;
    let now = app.now();
    let decide = |file: File| Ok(file.complete(contents.clone(), now));
    let file = change(&app, &grant, id, IfMatch(None), &[], decide).await?;
    let version = file.meta.version;
    Ok(Versioned(file.into(), version))
}

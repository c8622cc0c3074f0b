//! `POST /files/upload`.

use axum::extract::State;
use domain::file::MAX_UPLOADED;
use domain::{File, FileName, Permission};
use store::FileError;
use utoipa::ToSchema;
use web::{App, Created, Envelope, Form, FormFile, Problem, Scope, SignedIn};

use super::{FileView, keep, looked_at, new, not_taken};

/// A file in a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the document's only; the form is read as a Form")]
pub(crate) struct FileForm {
    /// A file of 5 MiB at most. Through API Gateway a request has about 4.5 MB at most; a larger file goes by
    /// `POST /files/presign`.
    #[schema(format = Binary)]
    file: String,
}

/// Takes a file that comes in the request. What it is follows from what is in it, not from its name: documents, pictures,
/// sound, films and plain text are kept; 422 `type_not_allowed` for what a machine would run or a browser show as a page.
///
/// Counts against the uploads of an hour. 1 `PutObject`, 1 transaction.
#[utoipa::path(
    post, path = "/files/upload", tag = "files",
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Envelope<FileView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn file_upload(
    State(app): State<App>,
    signed_in: SignedIn,
    scope: Scope,
    form: Form,
) -> Result<Created<FileView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesWrite)?;
    app.count_upload(&scope, &grant, signed_in.user).await?;
    let FormFile { name, bytes } = form.into_file(&scope)?;
    if bytes.len() > MAX_UPLOADED as usize {
        return Err(FileError::TooLarge { limit: MAX_UPLOADED as usize }.into());
    }
    let name: FileName = name.parse().map_err(not_taken)?;
    let (bytes, contents) = looked_at(bytes, name.clone()).await?;
    let new = new(&app, &grant, &signed_in, name).await?;
    keep(&app, &grant, new.id, &contents, bytes).await?;
    let file = app.table().commit(&grant, File::upload(new, contents)).await?;
    let (version, location) = (file.meta.version, format!("/files/{}", file.id));
    Ok(Created { data: file.into(), location, version })
}

//! `GET /files/{id}/download`.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::file::AREA;
use domain::{File, FileId, Permission};
use web::{App, PathId, Problem, SignedIn};

/// How long the link to a file is good.
const LINK_LIFE: Duration = Duration::from_mins(10);

/// Leads to a file's bytes, which a browser keeps under its name. 409 `not_ready` where they are not there yet. 1 read.
#[utoipa::path(
    get, path = "/files/{id}/download", tag = "files", params(("id" = FileId, Path)),
    responses((status = 302, description = "The file lies behind `Location` for ten minutes.", headers(("Location" = String)))),
)]
pub(crate) async fn file_download(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FileId>,
) -> Result<Response, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesRead)?;
    let file: File = app.table().get(&grant, id).await?;
    let Some(contents) = file.contents() else {
        return Err(Problem::conflict("not_ready", "Its bytes are not there yet."));
    };
    let (place, shown) = (contents.place(id), (file.name.as_str(), contents.content_type.header()));
    let link = app.platform().files()?.presign_get(&grant, AREA, &place, shown, LINK_LIFE).await?;
    let location = HeaderValue::try_from(link).map_err(Problem::internal)?;
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::FOUND, headers).into_response())
}

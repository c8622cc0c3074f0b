//! `POST /files/presign`.

use std::time::Duration;

use axum::extract::State;
use domain::file::{MAX_BYTES, WAITING_AREA};
use domain::{FieldInvalid, File, FileName, FileType, Invalid, Permission};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, Scope, SignedIn};

use super::{FileView, new};

/// How long a link for an upload is good.
const LINK_LIFE: Duration = Duration::from_mins(15);
/// Of what nobody says anything.
const ANY_TYPE: &str = "application/octet-stream";

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FileAnnouncement {
    #[serde(default)]
    #[schema(value_type = FileName, required)]
    name: Field<FileName>,
    /// What it is said to be. Where it turns out to be something else, it is not taken.
    #[serde(default)]
    #[schema(value_type = Option<FileType>)]
    content_type: Field<String>,
    /// How many bytes it has: 25 MiB at most.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 1, maximum = 26_214_400, required)]
    bytes: Field<u32>,
}

impl Fields for FileAnnouncement {
    const WRITES: &'static [&'static str] = &["name", "content_type", "bytes"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "sha256", "state", "branch_id", "uploaded_by", "created_at", "updated_at", "version"];
}

impl FileAnnouncement {
    fn parse(self) -> Result<(FileName, Option<FileType>, u32), Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.required("name", w);
        let said = self.content_type.optional("content_type", w);
        let bytes = self.bytes.required("bytes", w);
        if let Some(Err(invalid)) = name.as_ref().map(FileType::refuse_run) {
            w.push(FieldInvalid::new("name", invalid));
        }
        let said = match said.map(|said| FileType::said(&said)).transpose() {
            Ok(said) => said,
            Err(invalid) => {
                w.push(FieldInvalid::new("content_type", invalid));
                None
            }
        };
        if bytes.is_some_and(|bytes| !(1..=MAX_BYTES).contains(&bytes)) {
            let invalid = Invalid::new("out_of_range", "must be from 1 to 26,214,400");
            w.push(FieldInvalid::new("bytes", invalid));
        }
        match (name, bytes) {
            (Some(name), Some(bytes)) if wrong.is_empty() => Ok((name, said, bytes)),
            _ => Err(wrong),
        }
    }
}

/// Where to put a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FilePlace)]
pub(crate) struct Place {
    /// The file, which waits for its bytes.
    file: FileView,
    /// `PUT` the bytes here, with the content type below, and then ask for `POST /files/{id}/complete`.
    upload_url: String,
    /// As was said of the file; `application/octet-stream` where nothing was.
    content_type: &'static str,
    /// Until when the link is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Gives a link by which a browser uploads a file of up to 25 MiB itself. The file waits for its bytes, for a day at most.
///
/// Counts against the uploads of an hour. 1 transaction.
#[utoipa::path(
    post, path = "/files/presign", tag = "files", request_body = FileAnnouncement,
    responses((status = 201, body = Envelope<Place>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn file_presign(
    State(app): State<App>,
    signed_in: SignedIn,
    scope: Scope,
    Body(body): Body<FileAnnouncement>,
) -> Result<Created<Place>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesWrite)?;
    app.count_upload(&scope, &grant, signed_in.user).await?;
    let (name, said, bytes) = body.parse()?;
    let new = new(&app, &grant, &signed_in, name).await?;
    let file = app.table().commit(&grant, File::announce(new, said, bytes)).await?;
    let content_type = said.map_or(ANY_TYPE, FileType::as_str);
    let (place, wanted) = (File::waiting_place(file.id), (content_type, Some(bytes)));
    let upload_url = app.platform().files()?.presign_put(&grant, WAITING_AREA, &place, wanted, LINK_LIFE).await?;
    let expires_at = app.now() + SignedDuration::try_from(LINK_LIFE).map_err(Problem::internal)?;
    let (version, location) = (file.meta.version, format!("/files/{}", file.id));
    Ok(Created { data: Place { file: file.into(), upload_url, content_type, expires_at }, location, version })
}

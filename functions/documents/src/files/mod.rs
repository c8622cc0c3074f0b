//! Files.

pub(crate) mod complete;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod list;
pub(crate) mod presign;
pub(crate) mod restore;
pub(crate) mod upload;
pub(crate) mod view;

use domain::file::{Contents, NewFile};
use domain::{BranchId, File, FileId, FileName, FileState, FileType, Grant, Invalid, Meta, UserId};
use jiff::Timestamp;
use runtime::look_at;
use serde::Serialize;
use utoipa::ToSchema;
use web::members::branch_for;
use web::{App, Problem, SignedIn};

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File)]
pub(crate) struct FileView {
    id: FileId,
    name: FileName,
    /// What it is: what was seen in its bytes; while they are to come, what was said of them.
    #[schema(required)]
    content_type: Option<FileType>,
    /// How many bytes it has, or is to have.
    bytes: u32,
    /// Their SHA-256 in hexadecimal digits, once they are there.
    #[schema(required)]
    sha256: Option<String>,
    /// Whether its bytes are there. A file that waits for them is gone after a day.
    state: FileState,
    /// The branch of whoever uploaded it, or that the message went to that it came with.
    branch_id: BranchId,
    /// Who uploaded it; where it came with a message, who is told of that.
    uploaded_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        let File {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            uploaded_by,
            name,
            content_type,
            bytes,
            sha256,
            state,
        } = file;
        Self { id, name, content_type, bytes, sha256, state, branch_id, uploaded_by, created_at, updated_at, version }
    }
}

/// A file to be, in the branch of whoever asks.
async fn new(app: &App, grant: &Grant, signed_in: &SignedIn, name: FileName) -> Result<NewFile, Problem> {
    let branch = branch_for(app, grant, signed_in, None).await?;
    let now = app.now();
    let id = FileId::at(now, app.platform().random());
    Ok(NewFile { id, organization: grant.organization(), branch, by: signed_in.user, name, now })
}

/// The bytes and what they are, under this name.
async fn looked_at(bytes: Vec<u8>, name: FileName) -> Result<(Vec<u8>, Contents), Problem> {
    look_at(bytes, name).await.map_err(Problem::internal)?.map_err(not_taken)
}

fn not_taken(invalid: Invalid) -> Problem {
    Problem::field("file", invalid)
}

/// Keeps bytes that were looked at.
async fn keep(app: &App, grant: &Grant, id: FileId, contents: &Contents, bytes: Vec<u8>) -> Result<(), Problem> {
    Ok(app.platform().files()?.keep(grant, id, contents, bytes).await?)
}

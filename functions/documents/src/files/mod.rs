//! Files.

pub(crate) mod complete;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod list;
pub(crate) mod presign;
pub(crate) mod restore;
pub(crate) mod upload;
pub(crate) mod view;

use domain::file::{AREA, Contents, NewFile};
use domain::{BranchId, File, FileId, FileName, FileState, FileType, Grant, Invalid, Meta, UserId};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use web::members::branch_for;
use web::{App, Problem, SignedIn, hex};

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
    /// The branch of whoever uploaded it.
    branch_id: BranchId,
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
    let look = move || {
        let content_type = FileType::of(&bytes, &name).map_err(not_taken)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let count = u32::try_from(bytes.len()).map_err(Problem::internal)?;
        Ok((bytes, Contents { content_type, bytes: count, sha256 }))
    };
    // Megabytes are hashed here: work for the processor.
    tokio::task::spawn_blocking(look).await.map_err(Problem::internal)?
}

fn not_taken(invalid: Invalid) -> Problem {
    Problem::field("file", invalid)
}

/// Keeps bytes that were looked at.
async fn keep(app: &App, grant: &Grant, id: FileId, contents: &Contents, bytes: Vec<u8>) -> Result<(), Problem> {
    let (place, content_type) = (contents.place(id), contents.content_type.header());
    Ok(app.platform().files()?.put(grant, AREA, &place, content_type, bytes).await?)
}

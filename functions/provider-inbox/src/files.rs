//! Files that come with what people write.

use domain::file::NewFile;
use domain::{BranchId, Change, File, FileId, FileName, UserId};
use runtime::look_at;

use crate::failed::{Failed, Undone};
use crate::take::Work;

/// A file that came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    /// What it is called.
    pub(crate) name: FileName,
    pub(crate) bytes: Vec<u8>,
}

/// Whose a file is that came with a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose<'a> {
    /// The provider's id of the message.
    pub(crate) message: &'a str,
    /// The branch that the message went to.
    pub(crate) branch: BranchId,
    /// Who is told of it.
    pub(crate) user: UserId,
}

/// Keeps the bytes of the file in this place of a message, and returns the record to be written: 1 `PutObject`. The same file
/// has the same id each time, and so lies in the same place. `None` where it is of a kind that is not kept.
pub(crate) async fn keep(
    work: &Work<'_>,
    whose: Whose<'_>,
    place: usize,
    came: Came,
) -> Result<Option<Change<File>>, Failed> {
    let Came { name, bytes } = came;
    let (bytes, contents) = match look_at(bytes, name.clone()).await.map_err(Undone::from)? {
        Ok(looked_at) => looked_at,
        Err(invalid) => {
            tracing::info!(delivery = %work.delivery.id, code = invalid.code, "a file that came is not kept");
            return Ok(None);
        }
    };
    let new = NewFile {
        id: file_id(work, whose.message, place),
        organization: work.grant.organization(),
        branch: whose.branch,
        by: whose.user,
        name,
        now: work.platform.now(),
    };
    work.platform
        .files()
        .map_err(Undone::from)?
        .keep(work.grant, new.id, &contents, bytes)
        .await
        .map_err(Undone::from)?;
    Ok(Some(File::receive(new, contents)))
}

/// The id of the file in this place of a message, and of no other, as the delivery brings it.
fn file_id(work: &Work<'_>, message: &str, place: usize) -> FileId {
    let (connection, place) = (work.integration.id.to_string(), place.to_string());
    let bits = work.platform.table().hash_key().id_bits(&["received_file", &connection, message, &place]);
    FileId::at(work.delivery.meta.created_at, bits)
}

//! The files that go with a message.

use domain::file::{AREA, Contents};
use domain::{Communication, File, FileId, Grant, Message, Recipient};
use providers::Attachment;
use runtime::Platform;
use store::FileError;

use crate::error::Undone;

/// A message that would go without a file that belongs to it goes nowhere: why.
pub(crate) struct Lacking(pub(crate) &'static str);

const GONE: Lacking = Lacking("a file that goes with it was deleted");
const CHANGED: Lacking = Lacking("a file that goes with it is not what it was");
const NOT_CARRIED: Lacking = Lacking("files go by e-mail and WhatsApp alone");

/// The files of what stands on somebody's timeline, in their order: no call where there are none, or 1 `BatchGetItem` and 1
/// `GetObject` for each.
pub(crate) async fn files(
    platform: &Platform,
    grant: &Grant,
    message: &Message,
    communication: Option<&Communication>,
) -> Result<Result<Vec<Attachment>, Lacking>, Undone> {
    let attached = communication.map(|communication| communication.files.as_slice()).unwrap_or_default();
    if attached.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let carries = match message.to {
        Recipient::Email(_) => usize::MAX,
        Recipient::Whatsapp(_) => 1,
        Recipient::Sms(_) | Recipient::Push(_) => 0,
    };
    if attached.len() > carries {
        return Ok(Err(NOT_CARRIED));
    }
    let ids: Vec<FileId> = attached.iter().map(|file| file.id).collect();
    let known = platform.table().get_many_to_change::<File>(grant, &ids).await?;
    let mut files = Vec::with_capacity(attached.len());
    for file in attached {
        let Some(contents) = known.get(&file.id).and_then(File::contents) else { return Ok(Err(GONE)) };
        let Contents { content_type, bytes: count, .. } = contents;
        if (count, content_type) != (file.bytes, file.content_type) {
            return Ok(Err(CHANGED));
        }
        let bytes = match platform.files()?.get(grant, AREA, &contents.place(file.id), count as usize).await {
            Ok(bytes) if bytes.len() == count as usize => bytes,
            Ok(_) | Err(FileError::TooLarge { .. }) => return Ok(Err(CHANGED)),
            Err(FileError::NotFound) => return Ok(Err(GONE)),
            Err(error) => return Err(error.into()),
        };
        files.push(Attachment { name: file.name.to_string(), content_type: content_type.header(), bytes });
    }
    Ok(Ok(files))
}

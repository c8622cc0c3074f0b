//! Files that people send over WhatsApp, which tells only that there are some; they are fetched when the message stands on
//! the timeline, as whoever answers should not wait for them.

use domain::communication::AttachedFile;
use domain::integration::ACCESS_TOKEN;
use domain::provider_delivery::Handled;
use domain::{Change, Communication, CommunicationId, FileName, FileType};
use providers::inbound::meta::{Content, Message};
use providers::{CloudMedia, SendError};

use crate::failed::Failed;
use crate::files::{Came, Whose, keep};
use crate::reports::carried;
use crate::take::Work;

/// Fetches the files of these messages, each into a transaction of its own with the message that it came with: 2 reads and 2
/// `GET`s, 1 `PutObject` and 1 transaction for each; 2 reads where it is kept already. Where WhatsApp does not tell one, the
/// delivery comes again, of which by then all else is done. Over a connection without a token nothing is asked.
///
/// Returns the note for the delivery; `None` where none of the messages is on the timeline any more.
pub(crate) async fn fetch(work: &Work<'_>, messages: &[&Message]) -> Result<Option<Handled>, Failed> {
    let can_ask = work.integration.credentials.get(ACCESS_TOKEN).is_some();
    let (mut cloud, mut last, mut is_whole) = (None, None, true);
    for message in messages {
        let Some((id, name)) = media(message) else { continue };
        let Some(before) = placed(work, message).await? else { continue };
        last = Some(before.id);
        if !before.files.is_empty() {
            continue;
        }
        if !can_ask {
            is_whole = false;
            continue;
        }
        let asked = match &cloud {
            Some(asked) => asked,
            None => &*cloud.insert(ask(work).await?),
        };
        let bytes = match asked.fetch(id).await {
            Ok(bytes) => bytes,
            Err(SendError::Refused(why)) => {
                tracing::warn!(delivery = %work.delivery.id, why, "a file that came cannot be had");
                is_whole = false;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        is_whole &= attach(work, message, before, Came { name: name(&bytes), bytes }).await?;
    }
    let outcome = if is_whole { "communication.received" } else { "received_without_file" };
    Ok(last.map(|id| Handled::Done { outcome, subject: id.to_string() }))
}

/// What is asked, unless it is left alone for a while: 1 read.
async fn ask(work: &Work<'_>) -> Result<CloudMedia, Failed> {
    work.may_ask().await?;
    Ok(work.platform.outside()?.media(work.integration)?)
}

/// WhatsApp's id of the file of a message, and what it is called once its bytes are there: documents have names, of the others
/// their kind is one.
fn media(message: &Message) -> Option<(&str, impl Fn(&[u8]) -> FileName)> {
    let Content::Media { kind, id, filename, .. } = &message.content else { return None };
    let called = filename.as_deref().and_then(|name| name.parse::<FileName>().ok());
    let plain: FileName = kind.parse().ok()?;
    let name = move |bytes: &[u8]| {
        called.clone().unwrap_or_else(|| {
            let extension = FileType::of(bytes, &plain).map(FileType::extension);
            let whole = extension.ok().and_then(|extension| format!("{plain}.{extension}").parse().ok());
            whole.unwrap_or_else(|| plain.clone())
        })
    };
    Some((id, name))
}

/// The message on the timeline: 2 reads. `None` where it is not there, or not any more.
async fn placed(work: &Work<'_>, message: &Message) -> Result<Option<Communication>, Failed> {
    let table = work.platform.table();
    let claim = carried(work, &message.id).claim();
    let Some(id): Option<CommunicationId> = table.holder::<Communication>(work.grant.organization(), &claim).await?
    else {
        return Ok(None);
    };
    Ok(store::there(table.get_to_change(work.grant, id).await)?)
}

/// Whether it is of a kind that is kept.
async fn attach(work: &Work<'_>, message: &Message, before: Communication, came: Came) -> Result<bool, Failed> {
    let whose = Whose { message: &message.id, branch: before.branch_id, user: before.user_id };
    let Some(file) = keep(work, whose, 0, came).await? else { return Ok(false) };
    let Some(attached) = AttachedFile::of(&file.after) else { return Ok(false) };
    let change: Change<Communication> = before.keep_file(attached, work.platform.now());
    let mut transaction = work.platform.table().transaction();
    transaction.push(work.grant, file)?;
    transaction.push(work.grant, change)?;
    transaction.commit().await?;
    Ok(true)
}

//! Messages of which their provider tells before their worker has written down that they went out; it may have died before it
//! could.

use domain::communication::Carried;
use domain::{Communication, CommunicationId, Message, MessageId};
use store::there;

use crate::failed::Failed;
use crate::reports::From;

/// Writes down that our message went out under this id, as its provider says, unless that is known: then nobody sends it again.
/// 1 read, and where it was not known, 1 read more and 1 transaction.
///
/// What stands on the timeline of it; `None` where nothing does, or where the message has come to another end.
pub(crate) async fn went_out(from: From<'_>, ours: MessageId, id: &str) -> Result<Option<CommunicationId>, Failed> {
    let From { platform, grant, integration } = from;
    let (table, now) = (platform.table(), platform.now());
    let Some(message): Option<Message> = there(table.get_to_change(grant, ours).await)? else { return Ok(None) };
    let Some(spoken) = message.communication else { return Ok(None) };
    if message.provider_id.as_deref() == Some(id) {
        return Ok(Some(spoken));
    }
    if !message.may_be_out() {
        return Ok(None);
    }
    let Some(known): Option<Communication> = there(table.get_to_change(grant, spoken).await)? else { return Ok(None) };
    tracing::info!(message = %ours, "a message went out, as its provider tells first");
    let carried = Carried { integration, id: id.to_owned() };
    let mut transaction = table.transaction();
    transaction.push(grant, message.sent(id.to_owned(), now))?;
    transaction.push(grant, known.sent(carried, now, now))?;
    transaction.commit().await?;
    Ok(Some(spoken))
}

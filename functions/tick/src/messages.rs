//! Messages to people whose rest is over, or that their queue or their worker lost.

use domain::message::MessageStep;
use domain::{Caller, Message, Record as _};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Queues the message again and leaves it to the queue for a while: 1 read, 1 message, 1 write. A message that was
/// not lost after all is sent once all the same, as its record decides.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let Some(message): Option<Message> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have been sent meanwhile.
    if message.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    platform.messages()?.send(&MessageStep { organization: due.organization, message: message.id }).await?;
    match platform.table().commit_unseen(&grant, message.looked_after(platform.now())).await {
        // Whoever changed it at the same time has taken it up.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

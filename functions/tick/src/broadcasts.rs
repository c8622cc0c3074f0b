//! Broadcasts that have not moved for a lease: their message is lost, or waits among the dead letters.

use domain::broadcast::BroadcastStep;
use domain::{Broadcast, Caller, Record as _};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Sends the step again and gives the broadcast another lease: 1 read, 1 message, 1 write. A step can be done twice, so
/// one that was not lost after all does no harm.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let Some(broadcast): Option<Broadcast> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)?
    else {
        return Ok(());
    };
    // The index is a moment behind: it may have moved meanwhile.
    if broadcast.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    tracing::warn!(broadcast = %broadcast.id, "a broadcast had come to rest");
    let step = BroadcastStep { organization: due.organization, broadcast: broadcast.id };
    platform.broadcasts()?.send(&step).await?;
    match platform.table().commit_unseen(&grant, broadcast.looked_after(platform.now())).await {
        // Whoever changed it at the same time moved it.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

//! What providers told and nobody dealt with: its rest is over, or its queue or its worker lost it.

use domain::provider_delivery::{DeliveryStatus, DeliveryStep};
use domain::{Caller, ProviderDelivery, Record as _};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Queues the delivery again and leaves it to the queue for a while; one that killed its workers too often is given up: 1
/// read, 1 message, 1 write. A delivery that was not lost after all is dealt with once all the same, as its record decides.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let found = there(platform.table().get_to_change::<ProviderDelivery>(&grant, due.id.parse()?).await)?;
    let Some(delivery) = found else { return Ok(()) };
    // The index is a moment behind: it may have been dealt with meanwhile.
    if delivery.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    let step = DeliveryStep { organization: due.organization, delivery: delivery.id };
    let change = delivery.looked_after(platform.now());
    if change.after.status == DeliveryStatus::Received {
        platform.provider_inbox()?.send(&step).await?;
    } else {
        tracing::warn!(delivery = %step.delivery, "a delivery is given up");
    }
    match platform.table().commit_unseen(&grant, change).await {
        // Whoever changed it at the same time has taken it up.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

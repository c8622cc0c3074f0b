//! Webhooks whose rest is over or whose message is lost, and what waits for endpoints that rest.

use domain::webhook::WebhookStep;
use domain::{Caller, Change, Grant, Record, WebhookDelivery, WebhookHealth, WebhookRecovery};
use jiff::Timestamp;
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Queues a delivery again and leaves it to the queue for a while: 1 read, 1 message, 1 write.
pub(crate) async fn look_after_delivery(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let step =
        |delivery: &WebhookDelivery| WebhookStep::Deliver { organization: due.organization, delivery: delivery.id };
    look_after(platform, due, step, WebhookDelivery::looked_after).await
}

/// Has what waits for an endpoint looked at: 1 read, 1 message, 1 write, however much it is.
pub(crate) async fn look_at_endpoint(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let step =
        |health: &WebhookHealth| WebhookStep::Release { organization: due.organization, endpoint: health.endpoint };
    look_after(platform, due, step, WebhookHealth::looked_at).await
}

/// Has a recovery go on that came to rest: 1 read, 1 message, 1 write.
pub(crate) async fn look_after_recovery(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let step =
        |recovery: &WebhookRecovery| WebhookStep::Recover { organization: due.organization, recovery: recovery.id };
    look_after(platform, due, step, WebhookRecovery::looked_after).await
}

/// A step that was not lost after all does no harm, as its record decides.
async fn look_after<R: Record>(
    platform: &Platform,
    due: &Due,
    step: impl Fn(&R) -> WebhookStep,
    looked_after: impl Fn(R, Timestamp) -> Change<R>,
) -> Result<(), TickError> {
    let grant: Grant = Caller::system(due.organization, "tick").own();
    let Some(record): Option<R> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have moved meanwhile.
    if record.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    platform.deliveries()?.send(&step(&record)).await?;
    match platform.table().commit_unseen(&grant, looked_after(record, platform.now())).await {
        // Whoever changed it at the same time moved it.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

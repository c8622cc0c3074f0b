//! What waits for an endpoint, when its rest is over or it is well again.

use std::num::NonZeroU32;

use domain::webhook::{Standing, WebhookStep};
use domain::{
    Caller, Change, Grant, OrganizationId, Slot, WebhookDelivery, WebhookEndpoint, WebhookEndpointId, WebhookHealth,
};
use runtime::Platform;
use store::{CommitError, ListPage, ListQuery, Refused, there};

use crate::deliver;
use crate::error::Undone;

/// Deliveries released by a message, so that those of others come in between.
const A_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

/// Looks at what waits: 2 reads and 1 Query; while the endpoint rests nothing, when its rest is over the oldest is sent
/// ahead, and when it is well or turned off 1 write and a tenth of a message for each of 50.
pub(crate) async fn release(
    platform: &Platform,
    organization: OrganizationId,
    id: WebhookEndpointId,
) -> Result<(), Undone> {
    let grant = Caller::system(organization, "webhook-deliveries").own();
    let (table, now) = (platform.table(), platform.now());
    let health: Option<WebhookHealth> = there(table.get_to_change(&grant, WebhookHealth::id_of(id)).await)?;
    let Some(health) = health else { return Ok(()) };
    let endpoint: Option<WebhookEndpoint> = there(table.get_to_change(&grant, id).await)?;
    let is_told = endpoint.is_some_and(|endpoint| endpoint.is_enabled());
    match health.standing(now) {
        Standing::Rests if is_told => Ok(()),
        Standing::Ahead if is_told => send_ahead(platform, &grant, health).await,
        _ => let_go(platform, &grant, health, is_told).await,
    }
}

async fn waiting(
    platform: &Platform,
    grant: &Grant,
    id: WebhookEndpointId,
    limit: NonZeroU32,
) -> Result<ListPage<WebhookDelivery>, Undone> {
    let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::Three, "parked", id.to_string(), limit) };
    Ok(platform.table().list(grant, &query, |delivery: &WebhookDelivery| delivery.parked).await?)
}

/// Sends the oldest ahead; where nothing waits, whatever comes next is.
async fn send_ahead(platform: &Platform, grant: &Grant, health: WebhookHealth) -> Result<(), Undone> {
    let found = waiting(platform, grant, health.endpoint, NonZeroU32::MIN).await?;
    let Some(first) = found.records.into_iter().next() else { return clear(platform, grant, health).await };
    if let Some(first) = written(platform, grant, first.released(platform.now())).await? {
        deliver::deliver(platform, grant.organization(), first.id).await?;
    }
    Ok(())
}

/// Lets a page go; the next follows with a message of its own.
async fn let_go(platform: &Platform, grant: &Grant, health: WebhookHealth, is_told: bool) -> Result<(), Undone> {
    let (organization, now) = (grant.organization(), platform.now());
    let found = waiting(platform, grant, health.endpoint, A_PAGE).await?;
    if found.records.is_empty() {
        return clear(platform, grant, health).await;
    }
    let mut steps = Vec::with_capacity(found.records.len() + 1);
    for delivery in found.records {
        let change = if is_told { delivery.released(now) } else { delivery.failed("endpoint_disabled", now) };
        if let Some(delivery) = written(platform, grant, change).await?.filter(|_| is_told) {
            steps.push(WebhookStep::Deliver { organization, delivery: delivery.id });
        }
    }
    if found.next.is_some() {
        steps.push(WebhookStep::Release { organization, endpoint: health.endpoint });
    }
    platform.send_webhooks(&steps).await;
    Ok(())
}

/// Nothing waits. The clock looks no more, once the time is over in which somebody might still park something.
async fn clear(platform: &Platform, grant: &Grant, health: WebhookHealth) -> Result<(), Undone> {
    let Some(change) = health.cleared(platform.now()) else { return Ok(()) };
    match platform.table().commit_unseen(grant, change).await {
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The delivery as it is now; `None` where it was no longer as the list had it.
async fn written(
    platform: &Platform,
    grant: &Grant,
    change: Change<WebhookDelivery>,
) -> Result<Option<WebhookDelivery>, Undone> {
    match platform.table().commit_unseen(grant, change).await {
        Ok(delivery) => Ok(Some(delivery)),
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

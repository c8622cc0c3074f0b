//! Sends again what an endpoint missed, a page of the log of events a message.

use std::num::NonZeroU32;

use domain::webhook::{DeliveryStatus, WebhookStep};
use domain::{
    Caller, Change, Event, Grant, OrganizationId, WebhookDelivery, WebhookEndpoint, WebhookRecovery, WebhookRecoveryId,
};
use runtime::Platform;
use store::{CommitError, Cursor, EventLogQuery, Refused, there};

use crate::error::Undone;

/// Events a page, so that what others are sent comes in between.
const A_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(24);

/// Goes through the next page: 2 reads, 1 Query, for 25 events 12.5 read units, 1 read for each that the endpoint wants
/// and 1 write for each that it did not take. A page that is done again does nothing anew.
pub(crate) async fn go_on(
    platform: &Platform,
    organization: OrganizationId,
    id: WebhookRecoveryId,
) -> Result<(), Undone> {
    let grant = Caller::system(organization, "webhook-deliveries").own();
    let (table, now) = (platform.table(), platform.now());
    let recovery: Option<WebhookRecovery> = there(table.get_to_change(&grant, id).await)?;
    let Some(recovery) = recovery.filter(WebhookRecovery::is_running) else { return Ok(()) };
    let endpoint: Option<WebhookEndpoint> = there(table.get_to_change(&grant, recovery.endpoint).await)?;
    let Some(endpoint) = endpoint.filter(WebhookEndpoint::is_enabled) else {
        return written(platform, &grant, recovery.cancelled(now)).await.map(drop);
    };
    let query = EventLogQuery {
        pattern: None,
        actor: None,
        since: Some(recovery.since),
        until: Some(recovery.until),
        newest_first: false,
        cursor: recovery.place.as_deref().map(Cursor::behind),
        limit: A_PAGE,
    };
    let found = table.logged_events(&grant, &query).await?;
    let wanted: Vec<Event> =
        found.records.into_iter().filter(|event| endpoint.is_enabled() && endpoint.events.fit(&event.kind)).collect();
    let steps = missed(platform, &grant, &endpoint, &wanted).await?;
    platform.send_webhooks(&steps).await;
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let place = found.next.map(|next| next.place().to_owned());
    let change = recovery.went_on(place, number(wanted.len()), number(steps.len()), now);
    if written(platform, &grant, change).await?.is_some_and(|recovery| recovery.is_running()) {
        platform.send_webhooks(&[WebhookStep::Recover { organization, recovery: id }]).await;
    }
    Ok(())
}

/// Makes the deliveries that are not there, and begins those anew that failed. Those that got through, or are on their
/// way, stay as they are.
async fn missed(
    platform: &Platform,
    grant: &Grant,
    endpoint: &WebhookEndpoint,
    events: &[Event],
) -> Result<Vec<WebhookStep>, Undone> {
    let (table, now) = (platform.table(), platform.now());
    let ids: Vec<_> = events.iter().map(|event| platform.delivery_id(event.id, event.at, endpoint.id)).collect();
    let known = table.get_many_to_change::<WebhookDelivery>(grant, &ids).await?;
    let mut steps = Vec::new();
    for (event, id) in events.iter().zip(ids) {
        let change = match known.get(&id) {
            None => WebhookDelivery::of(event, id, endpoint.id, now),
            Some(delivery) if delivery.status == DeliveryStatus::Failed => delivery.clone().again(false, now),
            Some(_) => continue,
        };
        match platform.write_delivery(grant, change).await {
            Ok(step) => steps.push(step),
            // Somebody asked for it at this moment.
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(steps)
}

/// The recovery as it is now; `None` where another worker went on with it at the same time. Only its end is told.
async fn written(
    platform: &Platform,
    grant: &Grant,
    change: Change<WebhookRecovery>,
) -> Result<Option<WebhookRecovery>, Undone> {
    let written = if change.after.is_running() {
        platform.table().commit_unseen(grant, change).await
    } else {
        platform.table().commit(grant, change).await
    };
    match written {
        Ok(recovery) => Ok(Some(recovery)),
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

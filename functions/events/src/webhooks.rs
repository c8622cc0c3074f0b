//! Machines that are told: each new event makes one delivery for each endpoint of its organization that wants it.
//!
//! A delivery has an id derived from the event and the endpoint, so that an event which comes again, late, or to two
//! workers at the same time, makes none twice. Handing deliveries to their queue holds nothing up: the clock finds what it
//! did not take.

use domain::{Caller, Event, WebhookEndpointId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use runtime::Platform;
use store::{StoreError, StreamImage};

use crate::error::Unfollowed;

/// Deliveries written at a time.
const AT_ONCE: usize = 10;

/// Makes the deliveries of the new events among the changes: 1 Query for each organization and 10 seconds, then 1 write
/// for each delivery and a tenth of a message. The place of the first event whose deliveries it could not make.
pub(crate) async fn follow(platform: &Platform, images: &[StreamImage]) -> Option<usize> {
    let (mut wanted, mut failed) = (Vec::new(), None);
    for (place, image) in images.iter().enumerate() {
        match wanting(platform, image).await {
            Ok(Some((event, endpoints))) => {
                wanted.extend(endpoints.into_iter().map(|endpoint| (place, event.clone(), endpoint)));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(pk = image.pk, %error, "it cannot be told whom an event is for");
                failed = Some(place);
                break;
            }
        }
    }
    let written = stream::iter(wanted).map(async |(place, event, endpoint)| {
        let grant = Caller::system(event.organization, "events").own();
        let step = platform.begin_delivery(&grant, &event, endpoint).await;
        step.map_err(|error| (place, Unfollowed::from(error)))
    });
    let steps: Result<Vec<_>, _> = written.buffered(AT_ONCE).try_collect().await;
    match steps {
        Ok(steps) => {
            platform.send_webhooks(&steps).await;
            failed
        }
        // What was written before it is written again, and handed over then.
        Err((place, error)) => {
            tracing::error!(%error, "a delivery was not made");
            Some(failed.map_or(place, |failed| failed.min(place)))
        }
    }
}

/// The event of an image and the endpoints that want it. Where an organization has none, nothing is parsed.
async fn wanting(
    platform: &Platform,
    image: &StreamImage,
) -> Result<Option<(Event, Vec<WebhookEndpointId>)>, StoreError> {
    let Some(organization) = image.event_of() else { return Ok(None) };
    let grant = Caller::system(organization, "events").own();
    let endpoints = platform.enabled_endpoints(&grant).await?;
    if endpoints.is_empty() {
        return Ok(None);
    }
    // What is unreadable is so each time: it is told of, and holds nothing up.
    let event = image.new_event(platform.table().keys(), |_| true).and_then(|event| {
        event.inspect_err(|error| tracing::error!(pk = image.pk, %error, "an event cannot be read")).ok()
    });
    let Some(event) = event else { return Ok(None) };
    let wants = endpoints.iter().filter(|endpoint| endpoint.wants(&event.kind, event.at));
    let wanting: Vec<_> = wants.map(|endpoint| endpoint.id).collect();
    Ok((!wanting.is_empty()).then_some((event, wanting)))
}

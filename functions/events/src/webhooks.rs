//! Machines that are told: each new event makes one delivery for each endpoint of its organization that wants it.
//!
//! A delivery has an id derived from the event and the endpoint, so that an event which comes again, late, or to two
//! workers at the same time, makes none twice. Handing deliveries to their queue holds nothing up: the clock finds what it
//! did not take.

use domain::{Caller, Event, WebhookEndpointId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use runtime::Platform;
use store::StoreError;

use crate::error::Unfollowed;
use crate::happened::Happened;

/// Deliveries written at a time.
const AT_ONCE: usize = 10;

/// Makes the deliveries of new events: 1 Query for each organization and 10 seconds, then 1 write for each delivery and a
/// tenth of a message. The place of the first event whose deliveries it could not make.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    let (mut wanted, mut failed) = (Vec::new(), None);
    for Happened { place, event } in events {
        match wanting(platform, event).await {
            Ok(endpoints) => wanted.extend(endpoints.into_iter().map(|endpoint| (*place, event.clone(), endpoint))),
            Err(error) => {
                tracing::error!(event = event.kind, subject = event.subject, %error, "it is not known who wants an event");
                failed = Some(*place);
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

/// The endpoints that want an event.
async fn wanting(platform: &Platform, event: &Event) -> Result<Vec<WebhookEndpointId>, StoreError> {
    let grant = Caller::system(event.organization, "events").own();
    let endpoints = platform.enabled_endpoints(&grant).await?;
    let wants = endpoints.iter().filter(|endpoint| endpoint.wants(&event.kind, event.at));
    Ok(wants.map(|endpoint| endpoint.id).collect())
}

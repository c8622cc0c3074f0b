//! What follows from a change by itself: search terms, figures, the audit chain, the log of events, what looks suspicious, the
//! messages and notifications that tell people of it, the clocks of service levels, the automations that it sets going, the machines that are told, and
//! what those who listen hear at once.

mod automations;
mod campaigns;
mod deliveries;
mod error;
mod files;
mod happened;
mod messages;
mod notifications;
mod policies;
mod realtime;
mod sla;
mod stream;
mod watch;
mod webhooks;

use runtime::Platform;
use store::StreamImage;

use crate::error::Unfollowed;
use crate::happened::{Happened, at, before, happened};

pub use stream::{StreamEvent, StreamFailure, StreamRecord, StreamResponse};

/// Follows a batch of changes. Search terms and figures come first, then the audit chain and what is made of security
/// events; where the batch as a whole cannot be
/// dealt with, its changes are taken one by one, and the first that fails is where the stream goes on.
/// Messages and notifications to people come last, for what was dealt with, and then automations and webhooks. Meanwhile those who
/// listen are told: they do not wait for the rest.
pub async fn handle(platform: &Platform, event: StreamEvent) -> StreamResponse {
    let images: Vec<(usize, StreamImage)> = event
        .records
        .iter()
        .enumerate()
        .filter_map(|(place, record)| {
            let image = StreamImage::from_stream(&record.dynamodb);
            if image.is_none() {
                tracing::error!(sequence = record.sequence_number(), "a record of the stream cannot be read");
            }
            Some((place, image?))
        })
        .collect();
    let (places, images): (Vec<usize>, Vec<StreamImage>) = images.into_iter().unzip();
    if let Err(error) = platform.table().learn_data_keys(&images).await {
        tracing::error!(%error, "data keys cannot be opened");
        if error.is_busy() {
            return event.records.first().map_or_else(StreamResponse::default, StreamResponse::failed_at);
        }
        // What they would open is told of as unreadable, one by one.
    }
    let events = happened(platform, &images);
    let (failed, untold) =
        futures::join!(Box::pin(in_turn(platform, &images, &events)), Box::pin(realtime::follow(platform, &events)));
    let failed = failed.into_iter().chain(untold).min();
    failed.map_or_else(StreamResponse::default, |failed| StreamResponse::failed_at(&event.records[places[failed]]))
}

/// What follows one after the other. The place of the first change that was not dealt with.
async fn in_turn(platform: &Platform, images: &[StreamImage], events: &[Happened]) -> Option<usize> {
    let failed = match follow(platform, images, events).await {
        Ok(()) => None,
        Err(error) => {
            tracing::warn!(%error, "a batch is taken apart");
            first_failure(platform, images, events).await
        }
    };
    let dealt_with = |failed: Option<usize>| before(events, failed.unwrap_or(images.len()));
    let failed = Box::pin(deliveries::follow(platform, dealt_with(failed))).await.or(failed);
    let failed = messages::follow(platform, dealt_with(failed)).await.or(failed);
    let failed = notifications::follow(platform, dealt_with(failed)).await.or(failed);
    let failed = campaigns::follow(platform, dealt_with(failed)).await.or(failed);
    let failed = Box::pin(sla::follow(platform, dealt_with(failed))).await.or(failed);
    // Boxed: it is large, and most batches set nothing going.
    let failed = Box::pin(automations::follow(platform, dealt_with(failed))).await.or(failed);
    webhooks::follow(platform, dealt_with(failed)).await.or(failed)
}

/// Each part can be done again, late, or in another order, with the same end.
async fn follow(platform: &Platform, images: &[StreamImage], events: &[Happened]) -> Result<(), Unfollowed> {
    let projected = platform.table().project(images).await?;
    files::forget(platform, images).await?;
    let fed = platform.table().feed(images, platform.now()).await?;
    let chained = platform.table().chain(images, platform.now()).await?;
    let logged = platform.table().log_events(images, platform.now()).await?;
    tracing::debug!(?projected, fed, chained, logged, "a batch was dealt with");
    policies::begin(platform, events).await?;
    watch::watch(platform, events).await
}

async fn first_failure(platform: &Platform, images: &[StreamImage], events: &[Happened]) -> Option<usize> {
    for (place, image) in images.iter().enumerate() {
        if let Err(error) = follow(platform, std::slice::from_ref(image), at(events, place)).await {
            tracing::error!(pk = image.pk, sk = image.sk, %error, "a change was not dealt with");
            return Some(place);
        }
    }
    None
}

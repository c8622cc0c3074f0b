//! What follows from a change by itself: search terms, figures, the audit chain, what looks suspicious, the messages and
//! notifications that tell people of it, the clocks of service levels, the automations that it sets going, and what those
//! who listen hear at once.

mod automations;
mod error;
mod messages;
mod notifications;
mod policies;
mod realtime;
mod sla;
mod stream;
mod watch;

use runtime::Platform;
use store::StreamImage;

use crate::error::Unfollowed;

pub use stream::{StreamEvent, StreamFailure, StreamRecord, StreamResponse};

/// Follows a batch of changes. Search terms and figures come first, then the audit chain and what is made of security
/// events; where the batch as a whole cannot be
/// dealt with, its changes are taken one by one, and the first that fails is where the stream goes on.
/// Messages and notifications to people come last, for what was dealt with, then clocks and automations. Meanwhile those who
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
    let (failed, untold) =
        futures::join!(Box::pin(in_turn(platform, &images)), Box::pin(realtime::follow(platform, &images)));
    let failed = failed.into_iter().chain(untold).min();
    failed.map_or_else(StreamResponse::default, |failed| StreamResponse::failed_at(&event.records[places[failed]]))
}

/// What follows one after the other. The place of the first change that was not dealt with.
async fn in_turn(platform: &Platform, images: &[StreamImage]) -> Option<usize> {
    let failed = match follow(platform, images).await {
        Ok(()) => None,
        Err(error) => {
            tracing::warn!(%error, "a batch is taken apart");
            first_failure(platform, images).await
        }
    };
    let failed = messages::follow(platform, &images[..failed.unwrap_or(images.len())]).await.or(failed);
    let failed = notifications::follow(platform, &images[..failed.unwrap_or(images.len())]).await.or(failed);
    let failed = Box::pin(sla::follow(platform, &images[..failed.unwrap_or(images.len())])).await.or(failed);
    // Boxed: it is large, and most batches set nothing going.
    Box::pin(automations::follow(platform, &images[..failed.unwrap_or(images.len())])).await.or(failed)
}

/// Each part can be done again, late, or in another order, with the same end.
async fn follow(platform: &Platform, images: &[StreamImage]) -> Result<(), Unfollowed> {
    let projected = platform.table().project(images).await?;
    let fed = platform.table().feed(images, platform.now()).await?;
    let chained = platform.table().chain(images, platform.now()).await?;
    tracing::debug!(?projected, fed, chained, "a batch was dealt with");
    policies::begin(platform, images).await?;
    watch::watch(platform, images).await
}

async fn first_failure(platform: &Platform, images: &[StreamImage]) -> Option<usize> {
    for (place, image) in images.iter().enumerate() {
        if let Err(error) = follow(platform, std::slice::from_ref(image)).await {
            tracing::error!(pk = image.pk, sk = image.sk, %error, "a change was not dealt with");
            return Some(place);
        }
    }
    None
}

//! What those who listen are told at once: each event that frontends live on goes to the queue that sends it, where anybody
//! of its organization listens, and is remembered for an hour for those who are away for a moment.
//!
//! It looks at nobody's rights and at no record: that is done when a frame is sent. Where nobody listens it costs one read
//! a batch.

use std::collections::BTreeSet;

use domain::OrganizationId;
use domain::realtime::{Push, Told};
use runtime::{NotWired, Platform};
use store::{QueueError, StoreError};

use crate::happened::Happened;

#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

/// Hands over what the events tell. The place of the first of them where that did not work; told again, a frame has the
/// same id.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    let told: Vec<(usize, Told)> =
        events.iter().filter_map(|happened| Some((happened.place, Told::of(&happened.event)?))).collect();
    let first = told.first()?.0;
    let told = told.into_iter().map(|(_, told)| told).collect();
    match hand_over(platform, told).await {
        Ok(()) => None,
        Err(error) => {
            tracing::error!(%error, "what happened was not handed over to those who listen");
            Some(first)
        }
    }
}

async fn hand_over(platform: &Platform, mut told: Vec<Told>) -> Result<(), Untold> {
    let now = platform.now();
    let organizations: BTreeSet<OrganizationId> = told.iter().map(|told| told.organization).collect();
    let listening = platform.table().listening(&organizations, now).await?;
    told.retain(|told| listening.contains(&told.organization));
    if told.is_empty() {
        return Ok(());
    }
    // Remembered first: whoever hears of it and goes away at once finds it again.
    platform.table().remember(&told, now).await?;
    let pushes: Vec<Push> = told.into_iter().map(|told| Push { told, after: None }).collect();
    Ok(platform.realtime()?.send_all(&pushes).await?)
}

//! Notifications to many people, a page of people a message.
//!
//! Whoever was told has a notification whose id is derived from the broadcast and from them, and the broadcast moves on
//! only behind people who were told. So a worker may die anywhere, and a message may come twice, late or to two workers
//! at once: nobody is forgotten, and nobody is told twice.

mod step;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::broadcast::{BroadcastStep, PEOPLE_A_STEP};
use runtime::{NotWired, Platform};
use store::{CommitError, QueueError, ReadError, StoreError};

/// A step could not be done; it comes again.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error("not a step: {0}")]
    Malformed(serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

/// Works through a batch of steps. Those that could not be done come back as failed, for the queue to hand them out
/// again.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    handle_in_pages(platform, event, PEOPLE_A_STEP).await
}

/// [`handle`], with so many people a step: tests see many steps with few people.
pub async fn handle_in_pages(platform: &Platform, event: SqsEvent, people_a_step: u32) -> SqsBatchResponse {
    let one = async |body: String| one(platform, &body, people_a_step).await;
    runtime::work_through(event, 1, "a step of a broadcast was not done", one).await
}

async fn one(platform: &Platform, body: &str, people_a_step: u32) -> Result<(), Undone> {
    let step: BroadcastStep = serde_json::from_str(body).map_err(Undone::Malformed)?;
    step::step(platform, step, people_a_step).await
}

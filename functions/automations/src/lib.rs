//! Automations that were set going, a run a message.
//!
//! What a step makes or changes is written together with the run's move to the next step, under ids derived from the two.
//! So a worker may die anywhere, and a message may come twice, late or to two workers at once: each step is done once. Of
//! a webhook alone nobody knows more than that it was asked at least once; its id tells repeats.

mod assign;
mod people;
mod perform;
mod run;
mod sweep;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::automation::RunStep;
use runtime::{NotWired, Platform};
use store::{CommitError, ReadError, StoreError};

/// A run could not go on; its message comes again.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error("not a step: {0}")]
    Malformed(serde_json::Error),
    #[error("others changed the same records each time")]
    Crossed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

/// Works through a batch of runs. Those that could not go on come back as failed, for the queue to hand them out again.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    runtime::work_through(event, 1, "an automation did not go on", async |body| one(platform, &body).await).await
}

async fn one(platform: &Platform, body: &str) -> Result<(), Undone> {
    let step: RunStep = serde_json::from_str(body).map_err(Undone::Malformed)?;
    Box::pin(run::go_on(platform, step)).await
}

//! Imports of leads, a step a message: plan the file, work through its chunks, tell that all is done.
//!
//! Rows and progress move in one transaction, so a worker may die anywhere, and a message may come
//! twice, late or in another order: no row is lost and none is done twice. Chunks run side by side and
//! never touch the same lead, so their order does not show in the result.

mod chunk;
mod decide;
mod error;
mod finish;
mod known;
mod layout;
mod plan;
mod read;
mod rows;
mod turns;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::job::{JobStep, ROWS_A_CHUNK, Step};
use domain::{Caller, Permission};
use runtime::Platform;

use error::StepError;

/// Steps of one batch that run at the same time.
const AT_ONCE: usize = 10;

/// Works through a batch of steps. Those that could not be done come back as failed, for the queue to
/// hand them out again.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    handle_in_chunks(platform, event, ROWS_A_CHUNK).await
}

/// [`handle`], cutting files into chunks of another size: tests see many chunks in a small file.
pub async fn handle_in_chunks(platform: &Platform, event: SqsEvent, rows_a_chunk: u32) -> SqsBatchResponse {
    let one = |body: String| {
        let platform = platform.clone();
        async move {
            // A task of its own: on several threads, one step prepares its rows while another writes.
            let done = tokio::spawn(async move { step(&platform, &body, rows_a_chunk).await });
            done.await.unwrap_or_else(|error| Err(StepError::from(error)))
        }
    };
    runtime::work_through(event, AT_ONCE, "a step of an import was not done", one).await
}

async fn step(platform: &Platform, body: &str, rows_a_chunk: u32) -> Result<(), StepError> {
    let JobStep { organization, job, step } = serde_json::from_str(body).map_err(StepError::Malformed)?;
    let grant = Caller::system(organization, "imports").allow(Permission::LeadsImport)?;
    match step {
        Step::Plan => plan::plan(platform, &grant, job, rows_a_chunk).await,
        Step::Chunk(number) => chunk::chunk(platform, &grant, job, number).await,
    }
}

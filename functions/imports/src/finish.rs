//! The end of a job.

use domain::job::{Job, JobStatus, Tally};
use domain::{Grant, JobId};
use runtime::Platform;
use store::{CommitError, Refused};

use crate::error::StepError;

/// Tries against the clock, which may look after the job at the same time.
const TRIES: u32 = 5;

/// Ends the job if all its chunks are done. Whoever does the last chunk comes here, and so does whoever
/// finds that somebody died between that and this: 1 Query, 1 read, and once 1 transaction.
pub(crate) async fn finish(platform: &Platform, grant: &Grant, id: JobId) -> Result<(), StepError> {
    for _ in 0..TRIES {
        let chunks = platform.table().chunks(grant, id).await?;
        let job: Job = platform.table().get_to_change(grant, id).await?;
        let done = chunks.iter().filter(|chunk| chunk.done).count();
        if job.status != JobStatus::Processing || u32::try_from(done) != Ok(job.chunks) {
            return Ok(());
        }
        let tally: Tally = chunks.iter().map(|chunk| chunk.tally).sum();
        if tally.rows() != job.rows {
            tracing::error!(job = %id, rows = job.rows, counted = tally.rows(), "rows are not accounted for");
        }
        match platform.table().commit(grant, job.completed(tally, platform.now())).await {
            Ok(job) => {
                tracing::info!(job = %job.id, rows = job.rows, "a job is completed");
                return Ok(());
            }
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Contended)
}

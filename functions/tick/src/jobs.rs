//! Jobs that have not moved for a lease: their messages are lost, or wait among the dead letters.

use domain::job::{JobStatus, JobStep, Step};
use domain::{Caller, Grant, Job, Permission};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Sends a job's missing steps again and gives it another lease: 1 read, 1 Query, a message for each
/// step, 1 transaction. Steps can be done twice, so one that was not lost after all does no harm.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").allow(Permission::LeadsImport)?;
    let Some(job): Option<Job> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have moved meanwhile.
    if job.lease_until.is_none_or(|until| until > platform.now()) {
        return Ok(());
    }
    let steps = missing_steps(platform, &grant, &job).await?;
    tracing::warn!(job = %job.id, steps = steps.len(), "a job had come to rest");
    platform.jobs()?.send_all(&steps).await?;
    match platform.table().commit(&grant, job.looked_after(platform.now())).await {
        // Whoever changed it at the same time moved it.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn missing_steps(platform: &Platform, grant: &Grant, job: &Job) -> Result<Vec<JobStep>, TickError> {
    let step = |step| JobStep { organization: grant.organization(), job: job.id, step };
    if job.status == JobStatus::Queued {
        return Ok(vec![step(Step::Plan)]);
    }
    let chunks = platform.table().chunks(grant, job.id).await?;
    let done = |number| chunks.iter().any(|chunk| chunk.number == number && chunk.done);
    let left: Vec<JobStep> = (0..job.chunks).filter(|number| !done(*number)).map(|n| step(Step::Chunk(n))).collect();
    // All chunks are done and nobody told: planning it again does.
    Ok(if left.is_empty() { vec![step(Step::Plan)] } else { left })
}

//! Planning: the file is read, cut into chunks, and each chunk becomes a message.

use domain::job::{Failure, ImportAssign, Job, JobStatus, JobStep, Step};
use domain::{Claim, Grant, JobId, LeadId, Organization};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use runtime::Platform;
use serde_json::value::RawValue;
use sheets::Limits;
use store::{CommitError, FileError, ReadError, Refused, Table};

use crate::error::StepError;
use crate::finish;
use crate::layout::Families;
use crate::read::{self, FileRow};
use crate::rows::{self, AREA, ChunkRow};
use crate::turns::{self, Turns};

/// Look-ups and files under way at the same time.
const AT_ONCE: usize = 8;
/// Look-ups a call.
const CLAIMS_A_CALL: usize = 100;
/// Tries against others who take turns from the same pool.
const TRIES: u32 = 5;

/// Plans a job; one that is planned already gets the messages again that it may have lost.
pub(crate) async fn plan(platform: &Platform, grant: &Grant, id: JobId, rows_a_chunk: u32) -> Result<(), StepError> {
    let job: Job = match platform.table().get_to_change(grant, id).await {
        Ok(job) => job,
        Err(ReadError::NotFound) => {
            tracing::warn!(job = %id, "a job to plan is not there");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    match job.status {
        JobStatus::Queued => begin(platform, grant, job, rows_a_chunk).await,
        JobStatus::Processing => send_chunks(platform, grant, &job).await,
        JobStatus::Completed | JobStatus::Failed => Ok(()),
    }
}

async fn begin(platform: &Platform, grant: &Grant, job: Job, rows_a_chunk: u32) -> Result<(), StepError> {
    let bytes = match platform.files()?.get(grant, AREA, &rows::upload(job.id), Limits::default().max_bytes).await {
        Ok(bytes) => bytes,
        Err(FileError::NotFound) => {
            let message = "the uploaded file is no longer there".to_owned();
            return fail(platform, grant, job, Failure { code: "file_missing".to_owned(), message }).await;
        }
        Err(error) => return Err(error.into()),
    };
    let asked = job.options.mapping.clone();
    // Reading is work for the processor, which other steps of the batch need not wait for.
    let rows = match tokio::task::spawn_blocking(move || read::rows(&bytes, &asked)).await? {
        Ok(rows) => rows,
        Err(failure) => return fail(platform, grant, job, failure).await,
    };
    cut(platform, grant, job, rows, rows_a_chunk).await
}

async fn cut(
    platform: &Platform,
    grant: &Grant,
    job: Job,
    mut rows: Vec<FileRow>,
    rows_a_chunk: u32,
) -> Result<(), StepError> {
    let mut families = Families::of(rows.iter_mut().map(|row| std::mem::take(&mut row.identifiers)));
    let holders = holders(platform.table(), grant, &families.distinct).await?;
    let mut new: Vec<bool> = (0..rows.len())
        .map(|row| {
            rows[row].refused.is_none() && families.head(row) == row && families.holders(row, &holders).is_empty()
        })
        .collect();
    if let Some(room) = room_for_leads(platform.table(), grant).await? {
        let mut room = room;
        for place in 0..rows.len() {
            if new[place] && room > 0 {
                room -= 1;
                continue;
            }
            // Relatives of a row without room would add its lead instead.
            let relative = rows[families.head(place)].is_without_room() && families.holders(place, &holders).is_empty();
            if new[place] || relative {
                new[place] = false;
                rows[place].without_room();
            }
        }
    }
    families.join_by_holder(&holders);
    let chunks = families.chunks(usize::try_from(rows_a_chunk).unwrap_or(usize::MAX));
    let shared = families.shared();
    let mut rows: Vec<ChunkRow<Box<RawValue>>> = rows
        .into_iter()
        .enumerate()
        .map(|(place, FileRow { number, values, refused, identifiers: _ })| ChunkRow {
            number,
            values,
            refused,
            holders: families.holders(place, &holders),
            turn: None,
            shared: shared[place],
        })
        .collect();

    let from_pool = job.options.assign == ImportAssign::Pool && !job.options.dry_run;
    for _ in 0..TRIES {
        let turns = if from_pool { turns::take(platform.table(), grant, job.branch_id, &new).await? } else { None };
        if let Some(Turns { taken, .. }) = &turns {
            for place in 0..rows.len() {
                // Relatives go to whoever gets the first of them.
                rows[place].turn = taken[families.head(place)];
            }
        }
        let texts = chunks
            .iter()
            .map(|chunk| serde_json::to_string(&chunk.iter().map(|place| &rows[*place]).collect::<Vec<_>>()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(StepError::Chunk)?;
        let parts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let name = platform.table().hash_key().hash(&parts);
        put_chunks(platform, grant, job.id, &name, texts).await?;
        let (rows, chunks) = (count(rows.len()), count(chunks.len()));
        match commit(platform, grant, job.clone().planned(name, rows, chunks, platform.now()), turns).await {
            Ok(planned) => return send_chunks(platform, grant, &planned).await,
            // The pool moved, or the job did; in the second case the message comes again and finds it so.
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) if from_pool => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Contended)
}

/// How many leads the organization's plan still holds; `None` for any number: 1 read, 1 Query.
async fn room_for_leads(table: &Table, grant: &Grant) -> Result<Option<u32>, StepError> {
    let organization: Organization = table.get(grant, grant.organization()).await?;
    match organization.plan.allowance().leads {
        None => Ok(None),
        Some(_) => Ok(organization.plan.room_for_leads(table.live_leads(organization.id).await?)),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Who holds each identifier: one `BatchGetItem` a 100, several at a time.
async fn holders(table: &Table, grant: &Grant, claims: &[Claim]) -> Result<Vec<Option<LeadId>>, StepError> {
    let look_ups: Vec<_> =
        claims.chunks(CLAIMS_A_CALL).map(|part| table.holders::<domain::Lead>(grant, part)).collect();
    let parts: Vec<_> = stream::iter(look_ups).buffered(AT_ONCE).try_collect().await?;
    Ok(parts.concat())
}

async fn put_chunks(
    platform: &Platform,
    grant: &Grant,
    job: JobId,
    plan: &str,
    texts: Vec<String>,
) -> Result<(), StepError> {
    let files = platform.files()?;
    let put = |(number, text): (u32, String)| async move {
        files.put(grant, AREA, &rows::chunk(job, plan, number), "application/json", text.into_bytes()).await
    };
    let puts: Vec<_> = (0..).zip(texts).map(put).collect();
    Ok(stream::iter(puts).buffer_unordered(AT_ONCE).try_collect().await?)
}

async fn commit(
    platform: &Platform,
    grant: &Grant,
    planned: domain::Change<Job>,
    turns: Option<Turns>,
) -> Result<Job, CommitError> {
    let mut transaction = platform.table().transaction();
    let job = transaction.push(grant, planned)?;
    if let Some(Turns { before, after, .. }) = turns {
        transaction.push(grant, before.edit(after, platform.now()))?;
    }
    transaction.commit().await?;
    Ok(job)
}

/// Sends the chunks that are not done; where there are none, the job is.
async fn send_chunks(platform: &Platform, grant: &Grant, job: &Job) -> Result<(), StepError> {
    let chunks = platform.table().chunks(grant, job.id).await?;
    let steps: Vec<JobStep> = (0..job.chunks)
        .filter(|number| !chunks.iter().any(|chunk| chunk.number == *number && chunk.done))
        .map(|number| JobStep { organization: grant.organization(), job: job.id, step: Step::Chunk(number) })
        .collect();
    if steps.is_empty() {
        return finish::finish(platform, grant, job.id).await;
    }
    Ok(platform.jobs()?.send_all(&steps).await?)
}

async fn fail(platform: &Platform, grant: &Grant, job: Job, failure: Failure) -> Result<(), StepError> {
    tracing::info!(job = %job.id, code = failure.code, "a file cannot be imported");
    platform.table().commit(grant, job.failed(failure, platform.now())).await?;
    Ok(())
}

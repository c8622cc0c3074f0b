//! Doing: a chunk's rows, a transaction for as many as fit.

use std::collections::HashSet;
use std::time::Duration;

use domain::job::{Job, JobStatus, RowProblem, Tally};
use domain::lead::RowMapping;
use domain::{Change, Grant, JobId, Lead, LeadId, LeadPipeline, Record as _};
use runtime::Platform;
use store::{ChunkProgress, CommitError, MAX_TRANSACTION_ITEMS, ReadError, Table, Transaction};

use crate::decide::{Decision, Rules};
use crate::error::StepError;
use crate::finish;
use crate::known::Known;
use crate::rows::{self, AREA, ChunkRow};

/// A chunk's file is ours; the bound is for memory's sake.
const MAX_CHUNK_BYTES: usize = 256 << 20;
/// Tries in a row that moved nothing, because others changed the same leads or the table was busy.
const TRIES: u32 = 6;
const BACKOFF: Duration = Duration::from_millis(20);
/// Rows a transaction at most, where most of them write nothing.
const MAX_ROWS: usize = 500;
/// `DynamoDB` takes 4 MB a transaction; this leaves room for what an estimate misses.
const MAX_BYTES: usize = 3 << 20;
/// The errors of a transaction are one item, of at most 400 KB.
const MAX_PROBLEM_BYTES: usize = 300 << 10;

type Row = ChunkRow<Vec<String>>;

/// Does the rows of a chunk that are not done yet, and ends the job if they were the last.
pub(crate) async fn chunk(platform: &Platform, grant: &Grant, id: JobId, number: u32) -> Result<(), StepError> {
    let table = platform.table();
    let job: Job = match table.get_to_change(grant, id).await {
        Ok(job) => job,
        Err(ReadError::NotFound) => {
            tracing::warn!(job = %id, "a job to work on is not there");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if job.status != JobStatus::Processing || number >= job.chunks {
        return Ok(());
    }
    if !table.chunk(grant, id, number).await?.done {
        let name = rows::chunk(id, &job.plan, number);
        let bytes = platform.files()?.get(grant, AREA, &name, MAX_CHUNK_BYTES).await?;
        let rows: Vec<Row> = serde_json::from_slice(&bytes).map_err(StepError::Chunk)?;
        drop(bytes);
        let pipeline: LeadPipeline = table.get(grant, LeadPipeline::id_of(grant.organization())).await?;
        let columns: Vec<String> = job.options.mapping.keys().cloned().collect();
        let rules = Rules {
            mapping: RowMapping::new(&columns, &job.options.mapping).map_err(|_| StepError::Mapping)?,
            pipeline: &pipeline.pipeline,
            source: job.options.source.as_deref().and_then(|source| source.parse().ok()),
            hash_key: table.hash_key(),
            now: platform.now(),
            job: &job,
        };
        Work { table, grant, rules, rows }.run(number).await?;
    }
    finish::finish(platform, grant, id).await
}

/// A chunk under way.
struct Work<'a> {
    table: &'a Table,
    grant: &'a Grant,
    rules: Rules<'a>,
    rows: Vec<Row>,
}

impl<'a> Work<'a> {
    async fn run(&self, number: u32) -> Result<(), StepError> {
        let mut tries = 0;
        // The plan told who had the rows' identifiers. That is believed until the table says otherwise.
        let mut planned = true;
        while tries < TRIES {
            if tries > 0 {
                tokio::time::sleep(BACKOFF * 2_u32.pow(tries)).await;
            }
            let mut progress = self.table.chunk(self.grant, self.rules.job.id, number).await?;
            let mut known = self.known(&progress, planned).await?;
            loop {
                if progress.done {
                    return Ok(());
                }
                let batch = self.batch(&mut known, place(progress.next))?;
                let moved = batch.moved(progress);
                match batch.commit(self, progress).await {
                    Ok(()) => (progress, tries) = (moved, 0),
                    Err(CommitError::Store(error)) if !error.is_busy() => return Err(error.into()),
                    Err(error) => {
                        tracing::debug!(%error, number, "a batch of rows is done again");
                        break;
                    }
                }
            }
            (tries, planned) = (tries + 1, false);
        }
        Err(StepError::Contended)
    }

    /// What is known before the next row.
    async fn known(&self, progress: &ChunkProgress, planned: bool) -> Result<Known, StepError> {
        let next = place(progress.next).min(self.rows.len());
        if self.rules.job.options.dry_run {
            // Nothing of the rows before is in the table: they are thought through again.
            let mut known = self.planned(&self.rows).await?;
            for row in &self.rows[..next] {
                if let Decision::Create(change) | Decision::Touch(change) = self.rules.decide(&known, row) {
                    known.learn(change.after);
                }
            }
            return Ok(known);
        }
        let rest = &self.rows[next..];
        if planned && next == 0 {
            return self.planned(rest).await;
        }
        let claims: Vec<_> = rest.iter().flat_map(|row| self.rules.identifiers(row)).collect();
        Known::holders(self.table, self.grant, &claims).await
    }

    async fn planned(&self, rows: &[Row]) -> Result<Known, StepError> {
        let ids: Vec<LeadId> = rows.iter().flat_map(|row| row.holders.iter().copied()).collect();
        Known::leads(self.table, self.grant, &ids).await
    }

    /// The next rows, as many as go into one transaction: within its bounds, and no lead twice.
    fn batch(&self, known: &mut Known, from: usize) -> Result<Batch<'a>, CommitError> {
        let mut batch = Batch::new(self.table, from);
        for row in self.rows[from.min(self.rows.len())..].iter().take(MAX_ROWS) {
            let decision = self.rules.decide(known, row);
            if !batch.takes(&decision, row) {
                break;
            }
            if let Decision::Create(change) | Decision::Touch(change) = &decision
                && (row.shared || change.before.is_some())
            {
                let mut lead = change.after.clone();
                lead.meta.version += 1;
                known.learn(lead);
            }
            batch.push(self.grant, decision, self.rules.job.options.dry_run)?;
        }
        batch.done = batch.next >= self.rows.len();
        Ok(batch)
    }
}

fn place(next: u32) -> usize {
    usize::try_from(next).unwrap_or(usize::MAX)
}

/// Rows that are done together.
struct Batch<'t> {
    transaction: Transaction<'t>,
    next: usize,
    done: bool,
    tally: Tally,
    problems: Vec<RowProblem>,
    problem_bytes: usize,
    bytes: usize,
    written: HashSet<LeadId>,
}

impl<'t> Batch<'t> {
    fn new(table: &'t Table, from: usize) -> Self {
        Self {
            transaction: table.transaction(),
            next: from,
            done: false,
            tally: Tally::default(),
            problems: Vec::new(),
            problem_bytes: 0,
            bytes: 0,
            written: HashSet::new(),
        }
    }

    /// Whether the row still fits. The first always does.
    fn takes(&mut self, decision: &Decision, row: &Row) -> bool {
        let first = self.tally.rows() == 0;
        match decision {
            Decision::Unchanged => true,
            Decision::Rejected(problems) => {
                self.problem_bytes += problems.iter().map(bytes_of).sum::<usize>();
                let items = self.transaction.len() + 2;
                first || self.problem_bytes <= MAX_PROBLEM_BYTES && items <= MAX_TRANSACTION_ITEMS
            }
            Decision::Create(change) | Decision::Touch(change) => {
                self.bytes += weight(change, row);
                let errors = usize::from(!self.problems.is_empty());
                let items = self.transaction.len() + items_of(change) + 1 + errors;
                let twice = self.written.contains(&change.after.id);
                first || items <= MAX_TRANSACTION_ITEMS && self.bytes <= MAX_BYTES && !twice
            }
        }
    }

    fn push(&mut self, grant: &Grant, decision: Decision, dry_run: bool) -> Result<(), CommitError> {
        self.next += 1;
        match decision {
            Decision::Unchanged => self.tally.unchanged += 1,
            Decision::Rejected(problems) => {
                self.tally.rejected += 1;
                self.problems.extend(problems);
            }
            Decision::Create(change) | Decision::Touch(change) => {
                match change.before {
                    None => self.tally.created += 1,
                    Some(_) => self.tally.updated += 1,
                }
                if !dry_run {
                    self.written.insert(change.after.id);
                    self.transaction.push(grant, change)?;
                }
            }
        }
        Ok(())
    }

    fn moved(&self, from: ChunkProgress) -> ChunkProgress {
        ChunkProgress { next: self.next(), done: self.done, ..from }
    }

    fn next(&self) -> u32 {
        u32::try_from(self.next).unwrap_or(u32::MAX)
    }

    async fn commit(mut self, work: &Work<'_>, from: ChunkProgress) -> Result<(), CommitError> {
        let next = self.next();
        self.transaction.advance_chunk(
            work.grant,
            work.rules.job.id,
            from,
            next,
            self.done,
            self.tally,
            &self.problems,
        )?;
        self.transaction.commit().await
    }
}

/// Items of a transaction that a change takes: the record, its event, each claim that is new.
fn items_of(change: &Change<Lead>) -> usize {
    let before = change.before.as_ref().map_or(0, |lead| lead.claims().len());
    2 + change.after.claims().len().saturating_sub(before)
}

/// About how many bytes a change takes. A new lead is its row and its keys; the event of a change holds
/// the fields before and after.
fn weight(change: &Change<Lead>, row: &Row) -> usize {
    const KEYS: usize = 4 << 10;
    let row: usize = row.values.iter().map(|value| value.len() + 100).sum();
    let known =
        change.before.as_ref().map_or(0, |lead| serde_json::to_string(lead).map_or(MAX_BYTES, |text| text.len()));
    KEYS + 2 * row + 3 * known
}

/// About how many bytes an error takes.
fn bytes_of(problem: &RowProblem) -> usize {
    80 + problem.column.len() + problem.code.len() + problem.message.len() + problem.value.len()
}

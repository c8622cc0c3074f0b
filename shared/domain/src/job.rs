//! A long piece of work with progress: an import, a bulk change.

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, Change, Invalid, JobId, OrganizationId, UserId};

/// A job that has not moved for so long has lost its message; the clock sends it again.
pub const LEASE: SignedDuration = SignedDuration::from_mins(15);
/// Rows of a chunk: one message of the queue.
pub const ROWS_A_CHUNK: u32 = 500;

/// A step of a job, as the queue carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// The job.
    pub job: JobId,
    /// What is to be done.
    pub step: Step,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Read the file and cut it into chunks.
    Plan,
    /// Work through a chunk.
    Chunk(u32),
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for its file to be read.
    Queued,
    /// Its chunks are being worked through.
    Processing,
    /// Every row is accounted for.
    Completed,
    /// The file cannot be read; nothing was changed.
    Failed,
}

/// What kind of work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Leads from a file.
    LeadImport,
}

/// A long piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: JobId,
    /// What kind of work it is.
    pub kind: JobKind,
    /// How it stands.
    pub status: JobStatus,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// Where its new records go.
    pub branch_id: BranchId,
    /// The file as the person named it.
    pub file_name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub file_hash: String,
    /// How columns become fields, and what else was asked for.
    pub options: ImportOptions,
    /// Rows of the file; known once it is read.
    pub rows: u32,
    /// Chunks they were cut into.
    pub chunks: u32,
    /// Names the chunks' files. A plan made twice, from a table that has changed in between, has two
    /// names, so that no worker reads a chunk of the one as a chunk of the other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plan: String,
    /// What became of the rows, once every row is accounted for.
    #[serde(default)]
    pub tally: Tally,
    /// Why it failed: a code and a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When the clock shall look after it, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

/// What became of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tally {
    /// New records.
    pub created: u32,
    /// Rows that completed a record that was there.
    pub updated: u32,
    /// Rows that added nothing to a record that was there.
    pub unchanged: u32,
    /// Rows with errors.
    pub rejected: u32,
}

impl Tally {
    /// All rows.
    pub const fn rows(self) -> u32 {
        self.created + self.updated + self.unchanged + self.rejected
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let Self { created, updated, unchanged, rejected } = other;
        self.created += created;
        self.updated += updated;
        self.unchanged += unchanged;
        self.rejected += rejected;
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

/// Why a row was refused: one for each wrong cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RowProblem {
    /// Row of the sheet as a person sees it: the header is usually 1.
    pub row: u32,
    /// The column's header, cut to 100 characters; empty where the whole row is meant.
    pub column: String,
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
    /// The cell's text, cut to 100 characters.
    pub value: String,
}

impl RowProblem {
    /// What is wrong with a cell.
    pub fn new(row: u32, column: &str, invalid: &Invalid, value: &str) -> Self {
        let cut = |text: &str| text.chars().take(100).collect();
        Self {
            row,
            column: cut(column),
            code: invalid.code.to_owned(),
            message: invalid.message.to_string(),
            value: cut(value),
        }
    }
}

/// What an import was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Every column of the file in its order → field of a lead; `custom_fields.x` for free ones; an
    /// empty field leaves the column out.
    pub mapping: IndexMap<String, String>,
    /// Only tell what would happen.
    pub dry_run: bool,
    /// The source of leads whose row names none.
    pub source: Option<String>,
    /// Who gets the leads.
    pub assign: ImportAssign,
    /// Import the file even if it was imported before.
    pub again: bool,
}

/// Who gets imported leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportAssign {
    /// Nobody: they wait in the branch.
    #[default]
    Nobody,
    /// The organization's assignment, in turn.
    Pool,
    /// This person.
    User(UserId),
}

impl std::str::FromStr for ImportAssign {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim() {
            "" | "nobody" => Ok(Self::Nobody),
            "pool" => Ok(Self::Pool),
            user => user
                .parse()
                .map(Self::User)
                .map_err(|_| Invalid::new("unknown_value", "must be nobody, pool or a user's id")),
        }
    }
}

impl Job {
    /// A new import.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of the upload, named at the call")]
    pub fn import(
        id: JobId,
        organization: OrganizationId,
        created_by: Option<UserId>,
        branch_id: BranchId,
        file_name: String,
        file_hash: String,
        options: ImportOptions,
        now: Timestamp,
    ) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id,
            kind: JobKind::LeadImport,
            status: JobStatus::Queued,
            created_by,
            branch_id,
            file_name,
            file_hash,
            options,
            rows: 0,
            chunks: 0,
            plan: String::new(),
            tally: Tally::default(),
            failure: None,
            lease_until: Some(now + LEASE),
            finished_at: None,
        }
    }

    /// The file was read and cut.
    pub fn planned(self, plan: String, rows: u32, chunks: u32, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        (after.plan, after.rows, after.chunks) = (plan, rows, chunks);
        after.status = JobStatus::Processing;
        after.lease_until = Some(now + LEASE);
        Change::update(self, after, "job.planned")
    }

    /// Every row is accounted for.
    pub fn completed(mut self, tally: Tally, now: Timestamp) -> Change<Self> {
        let before = self.clone();
        self.tally = tally;
        Change { before: Some(before), ..self.end(JobStatus::Completed, None, "job.completed", now) }
    }

    /// The file cannot be read.
    pub fn failed(self, failure: Failure, now: Timestamp) -> Change<Self> {
        self.end(JobStatus::Failed, Some(failure), "job.failed", now)
    }

    /// The clock looked after it: its next look is a lease away.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.lease_until = Some(now + LEASE);
        Change::update(self, after, "job.looked_after")
    }

    fn end(self, status: JobStatus, failure: Option<Failure>, kind: &'static str, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.status = status;
        after.failure = failure;
        after.lease_until = None;
        after.finished_at = Some(now);
        Change::update(self, after, kind)
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        matches!(self.status, JobStatus::Completed | JobStatus::Failed)
    }
}

impl Record for Job {
    const KIND: &'static str = "job";
    type Id = JobId;

    fn id(&self) -> JobId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        self.created_by
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    /// The same file again is recognised; a dry run, a failed job and one that was forced leave it free.
    fn claims(&self) -> Vec<Claim> {
        if self.options.dry_run || self.options.again || self.status == JobStatus::Failed {
            Vec::new()
        } else {
            vec![Claim::new("file", self.file_hash.clone())]
        }
    }
    fn due(&self) -> Option<Timestamp> {
        self.lease_until
    }
}

//! Long pieces of work: how far they are, and what went wrong with which row.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::job::{Failure, ImportAssign, Job, JobKind, JobStatus, RowProblem, Tally};
use domain::{BranchId, Grant, Invalid, JobId, Permission, Slot, UserId};
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Serialize;
use sheets::{Cell, CsvWriter, WriteError};
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, PageQuery, Pagination, Params, PathId, Problem, Routes, SignedIn, routes};

/// Errors shown with the job itself.
const FIRST_ERRORS: usize = 100;
/// Errors of one answer: with values of 100 characters in any script, they stay below what a function
/// may answer.
const MAX_ERRORS: usize = 20_000;
const MAX_ERROR_BYTES: usize = 4 << 20;

const ERROR_HEADER: [&str; 5] = ["row", "column", "code", "error", "value"];

/// The routes with their documents.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(job_list)).routes(routes!(job_view)).routes(routes!(job_errors))
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    /// Its id.
    id: JobId,
    /// What kind of work it is.
    kind: JobKind,
    /// How it stands.
    status: JobStatus,
    /// The file as the person named it.
    file_name: String,
    /// Whether it only tells what would happen.
    dry_run: bool,
    /// Column → field, as it is used.
    #[schema(value_type = Object)]
    mapping: IndexMap<String, String>,
    /// The source of leads whose row names none.
    #[schema(required)]
    source: Option<String>,
    /// `nobody`, `pool` or a user's id.
    assign: String,
    /// Where new leads go.
    branch_id: BranchId,
    /// What became of the rows.
    totals: Totals,
    /// Why it failed.
    #[schema(required)]
    failure: Option<Failure>,
    /// The first 100 errors of rows, on the job's own page; `/jobs/{id}/errors` has them all.
    errors: Vec<RowProblem>,
    /// Who asked for it.
    #[schema(required)]
    created_by: Option<UserId>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last moved from one state to another.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

/// What became of a job's rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Totals {
    /// Rows of the file; 0 until it is read.
    rows: u32,
    /// Rows done so far.
    processed: u32,
    /// New leads.
    created: u32,
    /// Rows that completed a lead that was there.
    updated: u32,
    /// Rows that told nothing new of a lead that was there.
    unchanged: u32,
    /// Rows with errors.
    rejected: u32,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobList {
    jobs: Vec<JobView>,
    pagination: Pagination,
}

/// The errors of a job's rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobErrors {
    /// By row.
    errors: Vec<RowProblem>,
    /// Whether there are more than one answer holds.
    truncated: bool,
}

impl JobView {
    /// The job by itself: its tally is known once it has ended.
    pub(crate) fn of(job: Job) -> Self {
        let tally = job.tally;
        Self::with(job, tally, Vec::new())
    }

    fn with(job: Job, tally: Tally, errors: Vec<RowProblem>) -> Self {
        let Tally { created, updated, unchanged, rejected } = tally;
        Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            file_name: job.file_name,
            dry_run: job.options.dry_run,
            mapping: job.options.mapping,
            source: job.options.source,
            assign: match job.options.assign {
                ImportAssign::Nobody => "nobody".to_owned(),
                ImportAssign::Pool => "pool".to_owned(),
                ImportAssign::User(user) => user.to_string(),
            },
            branch_id: job.branch_id,
            totals: Totals { rows: job.rows, processed: tally.rows(), created, updated, unchanged, rejected },
            failure: job.failure,
            errors,
            created_by: job.created_by,
            created_at: job.meta.created_at,
            updated_at: job.meta.updated_at,
            finished_at: job.finished_at,
        }
    }
}

/// Lists jobs, newest first.
#[utoipa::path(
    get, path = "/jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, body = Envelope<JobList>)),
)]
pub(crate) async fn job_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<JobList>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let key = app.table().hash_key();
    let list = format!("jobs {:?} {:?}", grant.organization(), grant.rows());
    let mut wrong = Vec::new();
    let Page { limit, skip, cursor, newest_first } = Page::read(&params, key, &list, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let page = Page { limit, skip, cursor: None, newest_first };
    let query = ListQuery { newest_first, cursor, skip, ..ListQuery::new(Slot::One, "all", "", limit) };
    let found = app.table().list::<Job>(&grant, &query, |_| true).await?;
    // The list's size counts what is out of reach too, so it is told by what is seen.
    let total = u64::from(skip) + found.records.len() as u64 + u64::from(found.next.is_some());
    Ok(Data(JobList {
        pagination: page.pagination(key, &list, total, found.next.as_ref()),
        jobs: found.records.into_iter().map(JobView::of).collect(),
    }))
}

/// How far a job is, with the first errors of its rows: 1 read, and while it is under way 1 Query.
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, body = Envelope<JobView>)),
)]
pub(crate) async fn job_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<JobId>,
) -> Result<Data<JobView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let job: Job = app.table().get(&grant, id).await?;
    let tally = match job.status {
        JobStatus::Processing => app.table().chunks(&grant, id).await?.iter().map(|chunk| chunk.tally).sum(),
        JobStatus::Queued | JobStatus::Completed | JobStatus::Failed => job.tally,
    };
    let errors = if tally.rejected > 0 { errors(&app, &grant, id, FIRST_ERRORS).await? } else { Vec::new() };
    Ok(Data(JobView::with(job, tally, errors)))
}

/// The errors of a job's rows, as JSON or, with `format=csv`, as a file to send back to whoever made the
/// rows. A job of very many errors tells the first 20,000 (at most 4 MB), and says so by `truncated` or the
/// header `X-Truncated`.
#[utoipa::path(
    get, path = "/jobs/{id}/errors", tag = "jobs",
    params(
        ("id" = JobId, Path),
        ("format" = Option<String>, Query, description = "`json` (the default) or `csv`."),
    ),
    responses((status = 200, content(
        (Envelope<JobErrors> = "application/json"),
        (String = "text/csv"),
    ))),
)]
pub(crate) async fn job_errors(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<JobId>,
    params: Params,
) -> Result<Response, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let csv = match params.get("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Problem::field("format", Invalid::new("unknown_value", "must be json or csv"))),
    };
    let job: Job = app.table().get(&grant, id).await?;
    let (errors, truncated) = bounded(errors(&app, &grant, job.id, MAX_ERRORS + 1).await?);
    if !csv {
        return Ok(Data(JobErrors { errors, truncated }).into_response());
    }
    let bytes = sheet(&errors).map_err(Problem::internal)?;
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"errors.csv\"")),
        ],
        bytes,
    )
        .into_response();
    if truncated {
        response.headers_mut().insert("x-truncated", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The first errors, by row.
async fn errors(app: &App, grant: &Grant, id: JobId, limit: usize) -> Result<Vec<RowProblem>, Problem> {
    let mut errors: Vec<RowProblem> = app.table().row_errors(grant, id, limit).await?;
    errors.sort_by_key(|error| error.row);
    Ok(errors)
}

fn bounded(mut errors: Vec<RowProblem>) -> (Vec<RowProblem>, bool) {
    let mut bytes = 0;
    let fits = errors
        .iter()
        .take(MAX_ERRORS)
        .take_while(|error| {
            bytes += 64 + error.column.len() + error.code.len() + error.message.len() + error.value.len();
            bytes <= MAX_ERROR_BYTES
        })
        .count();
    let truncated = fits < errors.len();
    errors.truncate(fits);
    (errors, truncated)
}

fn sheet(errors: &[RowProblem]) -> Result<Vec<u8>, WriteError> {
    let mut writer = CsvWriter::new(&ERROR_HEADER, u32::MAX)?;
    for RowProblem { row, column, code, message, value } in errors {
        let row = Cell::Integer(i64::from(*row));
        writer.row(&[row, Cell::Text(column), Cell::Text(code), Cell::Text(message), Cell::Text(value)])?;
    }
    writer.finish()
}

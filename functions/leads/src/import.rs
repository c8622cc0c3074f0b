//! Importing leads from a file.

use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use data_encoding::HEXLOWER;
use domain::job::{ImportAssign, ImportOptions, Job, JobStep, Step};
use domain::lead::RowMapping;
use domain::{BranchId, Change, Claim, FieldInvalid, Grant, Invalid, JobId, Label, Line, Permission};
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sheets::{Limits, SheetError};
use store::{CommitError, FileError, ReadError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Form, FormFile, Problem, Routes, Scope, SignedIn, routes};

use crate::jobs::JobView;
use web::members::{assignee, branch_for};

/// Where imports keep their files; their workers may reach this area only.
const AREA: &str = "imports";
/// How long a link for an upload is good.
const LINK_LIFE: Duration = Duration::from_mins(15);
const UPLOAD_TYPE: &str = "application/octet-stream";

/// The routes with their documents.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(lead_import)).routes(routes!(lead_import_upload))
}

/// What an import is asked for, with the file in the form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the document's only; the form's texts are read as an ImportNamed")]
pub(crate) struct ImportForm {
    /// An .xlsx workbook or a CSV file, of about 4 MB at most; a larger one goes by
    /// `POST /leads/import/uploads`.
    #[schema(format = Binary)]
    file: String,
    /// As JSON: column → field.
    mapping: Option<String>,
    /// `true` only tells what would happen.
    dry_run: Option<String>,
    source: Option<String>,
    assign: Option<String>,
    branch_id: Option<String>,
    again: Option<String>,
}

/// What an import is asked for, with the file uploaded before.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ImportNamed {
    /// What `POST /leads/import/uploads` answered.
    #[serde(default)]
    #[schema(value_type = String, required)]
    file_key: Field<String>,
    /// The file's name, to be shown.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    file_name: Field<Line<255>>,
    /// Column → field of a lead (`full_name`, `email`, `custom_fields.x`); an empty field leaves a column
    /// out. Columns that are not named are mapped by their names.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    mapping: Field<Map<String, Value>>,
    /// Only tell what would happen.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    dry_run: Field<bool>,
    /// The source of leads whose row names none.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    source: Field<Label>,
    /// Who gets the new leads: `nobody` (the default), `pool` or a user's id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    assign: Field<String>,
    /// Where they go: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
    /// Import the file even if it was imported before.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    again: Field<bool>,
}

impl Fields for ImportNamed {
    const WRITES: &'static [&'static str] =
        &["file_key", "file_name", "mapping", "dry_run", "source", "assign", "branch_id", "again"];
}

/// The body of an import, in either shape.
#[derive(Debug)]
pub(crate) struct Upload {
    file: Option<FormFile>,
    asked: ImportNamed,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("application/json")) {
            let Body(asked) = Body::from_request(request, state).await?;
            return Ok(Self { file: None, asked });
        }
        let Form { texts, file } = Form::from_request(request, state).await?;
        let members = texts.into_iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, text)| {
            let value = match (name.as_str(), text.trim()) {
                ("dry_run" | "again", "true" | "1") => Value::Bool(true),
                ("dry_run" | "again", "false" | "0") => Value::Bool(false),
                ("mapping", json) => serde_json::from_str(json).unwrap_or(Value::String(text)),
                _ => Value::String(text),
            };
            (name, value)
        });
        let asked = serde_json::from_value(members.collect::<Map<_, _>>().into()).map_err(Problem::internal)?;
        Ok(Self { file, asked })
    }
}

enum Source {
    Here(FormFile),
    There { key: String, name: String },
}

struct Wanted {
    from: Source,
    mapping: IndexMap<String, String>,
    dry_run: bool,
    source: Option<String>,
    assign: ImportAssign,
    branch: Option<BranchId>,
    again: bool,
}

impl Upload {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let ImportNamed { file_key, file_name, mapping, dry_run, source, assign, branch_id, again } = self.asked;
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = file_name.optional("file_name", w);
        let key = file_key.optional("file_key", w);
        let columns = mapping.optional("mapping", w).unwrap_or_default();
        let mut mapping = IndexMap::with_capacity(columns.len());
        for (column, field) in columns {
            match field {
                Value::String(field) => drop(mapping.insert(column, field)),
                Value::Null => drop(mapping.insert(column, String::new())),
                _ => w.push(FieldInvalid::new(format!("mapping.{column}"), Invalid::new("not_text", "must be text"))),
            }
        }
        let dry_run = dry_run.optional("dry_run", w).unwrap_or(false);
        let source = source.optional("source", w).map(|source| source.to_string());
        let assign = assign.optional("assign", w).unwrap_or_default().parse::<ImportAssign>();
        let assign = assign.map_err(|invalid| w.push(FieldInvalid::new("assign", invalid))).unwrap_or_default();
        let branch = branch_id.optional("branch_id", w);
        let again = again.optional("again", w).unwrap_or(false);
        let from = match (self.file, key) {
            (Some(file), _) => Some(Source::Here(file)),
            (None, Some(key)) if is_key(&key) => {
                Some(Source::There { key, name: name.map_or_else(|| "file".to_owned(), |name| name.to_string()) })
            }
            (None, Some(_)) => {
                w.push(FieldInvalid::new("file_key", unknown_file()));
                None
            }
            (None, None) => {
                w.push(FieldInvalid::new("file", Invalid::required()));
                None
            }
        };
        match from {
            Some(from) if wrong.is_empty() => Ok(Wanted { from, mapping, dry_run, source, assign, branch, again }),
            _ => Err(wrong),
        }
    }
}

fn unknown_file() -> Invalid {
    Invalid::new("unknown_file", "names no uploaded file")
}

/// Imports leads from a spreadsheet, in the background: 202 with the job to watch.
///
/// The file is known by its content, not by its name. Its header and the mapping are checked at once: a
/// file that cannot be used is a 422 which names what is wrong, and nothing is begun. A row whose address,
/// number or external id a lead already has completes that lead. A file that was imported before is 409
/// `already_imported` with that import's `job_id`, unless `again` is set. An import made right after its
/// dry run ends with the figures that the dry run told.
#[utoipa::path(
    post, path = "/leads/import", tag = "leads",
    request_body(content(
        (ImportForm = "multipart/form-data"),
        (ImportNamed = "application/json"),
    )),
    responses((status = 202, description = "The import is on its way.", body = Envelope<JobView>, headers(("Location" = String)))),
)]
pub(crate) async fn lead_import(
    State(app): State<App>,
    signed_in: SignedIn,
    scope: Scope,
    upload: Upload,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<JobView>), Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsImport)?;
    app.count_upload(&scope, &grant, signed_in.user).await?;

    let wanted = upload.parse()?;
    let branch = branch_for(&app, &grant, &signed_in, wanted.branch).await?;
    if let ImportAssign::User(user) = wanted.assign {
        assignee(&app, &grant, user, "assign").await?;
    }
    let (file_name, bytes) = content(&app, &grant, wanted.from).await?;
    let (bytes, file_hash, mapping) = checked(bytes, wanted.mapping).await?;
    if !wanted.dry_run && !wanted.again {
        refuse_known(&app, &grant, &file_hash).await?;
    }

    let now = app.now();
    let id = JobId::at(now, app.platform().random());
    let options = ImportOptions {
        mapping: mapping.named(),
        dry_run: wanted.dry_run,
        source: wanted.source,
        assign: wanted.assign,
        again: wanted.again,
    };
    let (organization, creator) = (grant.organization(), Some(signed_in.user));
    let job = Job::import(id, organization, creator, branch, file_name, file_hash, options, now);
    app.platform().files()?.put(&grant, AREA, &format!("{id}/file"), UPLOAD_TYPE, bytes).await?;
    let job = begin(&app, &grant, job).await?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, format!("/jobs/{id}"))], Data(JobView::of(job))))
}

/// The file's bytes and the name it is shown by.
async fn content(app: &App, grant: &Grant, from: Source) -> Result<(String, Vec<u8>), Problem> {
    match from {
        Source::Here(FormFile { name, bytes }) => Ok((name, bytes)),
        Source::There { key, name } => {
            let limit = Limits::default().max_bytes;
            match app.platform().files()?.get(grant, AREA, &uploaded(&key), limit).await {
                Ok(bytes) => Ok((name, bytes)),
                Err(FileError::NotFound) => Err(Problem::field("file_key", unknown_file())),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// The file with its hash and mapping, if its header is one and the mapping fits it. The rows wait for
/// the worker.
async fn checked(bytes: Vec<u8>, asked: IndexMap<String, String>) -> Result<(Vec<u8>, String, RowMapping), Problem> {
    let check = move || {
        let headers = sheets::read(&bytes, &Limits::default()).map_err(|error| unreadable(&error))?.headers().to_vec();
        let mapping = RowMapping::new(&headers, &asked)?;
        let hash = HEXLOWER.encode(&Sha256::digest(&bytes));
        Ok((bytes, hash, mapping))
    };
    // A workbook's shared texts are unpacked here: work for the processor.
    tokio::task::spawn_blocking(check).await.map_err(Problem::internal)?
}

fn unreadable(error: &SheetError) -> Problem {
    let status = match error {
        SheetError::FileTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let message = error.to_string();
    Problem::new(status, error.code(), format!("The file cannot be read: {message}."))
        .naming([FieldInvalid::new("file", Invalid::new(error.code(), message))])
}

async fn refuse_known(app: &App, grant: &Grant, file_hash: &str) -> Result<(), Problem> {
    let claim = Claim::new("file", file_hash);
    match app.table().holder::<Job>(grant.organization(), &claim).await? {
        Some(job) => Err(already_imported(app, grant, Some(job)).await),
        None => Ok(()),
    }
}

/// Names the earlier import where the caller may see it.
async fn already_imported(app: &App, grant: &Grant, job: Option<JobId>) -> Problem {
    let detail = "This file was imported before. Send again=true to import it once more.";
    let problem = Problem::conflict("already_imported", detail);
    let Some(job) = job else { return problem };
    match app.table().get::<Job>(grant, job).await {
        Ok(job) => problem.with("job_id", job.id),
        Err(ReadError::NotFound) => problem,
        Err(error) => error.into(),
    }
}

/// Commits the job and sends its first step.
async fn begin(app: &App, grant: &Grant, job: Job) -> Result<Job, Problem> {
    let job = match app.table().commit(grant, Change::create(job, "job.created")).await {
        Ok(job) => job,
        Err(CommitError::Refused { refused: Refused::Taken { holder, .. }, .. }) => {
            let earlier = holder.and_then(|id| id.parse().ok());
            return Err(already_imported(app, grant, earlier).await);
        }
        Err(error) => return Err(error.into()),
    };
    let step = JobStep { organization: grant.organization(), job: job.id, step: Step::Plan };
    // The job is there and will run: where its message is lost, the clock finds it by its lease.
    if let Err(error) = app.platform().jobs()?.send(&step).await {
        tracing::error!(job = %job.id, %error, "an import waits for the clock");
    }
    Ok(job)
}

/// A file to be uploaded.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct UploadRequest {
    /// Its name, for the log of your own.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    file_name: Field<Line<255>>,
}

impl Fields for UploadRequest {
    const WRITES: &'static [&'static str] = &["file_name"];
}

/// Where to put a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadPlace {
    /// What `POST /leads/import` takes.
    file_key: String,
    /// `PUT` the bytes here, with the content type below.
    upload_url: String,
    /// `application/octet-stream`.
    #[schema(value_type = String)]
    content_type: &'static str,
    /// Until when the link is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Gives a link by which a browser uploads a file of up to 25 MB itself, to be imported by its key.
#[utoipa::path(
    post, path = "/leads/import/uploads", tag = "leads", request_body = UploadRequest,
    responses((status = 200, description = "Where to put the file.", body = Envelope<UploadPlace>)),
)]
pub(crate) async fn lead_import_upload(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(UploadRequest { file_name }): Body<UploadRequest>,
) -> Result<Data<UploadPlace>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsImport)?;
    let mut wrong = Vec::new();
    file_name.optional("file_name", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let file_key = HEXLOWER.encode(&app.platform().random::<16>());
    let upload_url =
        app.platform().files()?.presign_put(&grant, AREA, &uploaded(&file_key), (UPLOAD_TYPE, None), LINK_LIFE).await?;
    let expires_at = app.now() + SignedDuration::try_from(LINK_LIFE).map_err(Problem::internal)?;
    Ok(Data(UploadPlace { file_key, upload_url, content_type: UPLOAD_TYPE, expires_at }))
}

fn uploaded(key: &str) -> String {
    format!("uploads/{key}")
}

fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

//! Problems: RFC 9457 with the envelope's `success: false` and every wrong field.

use crate::limits::Usage;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Denied, FieldInvalid, Invalid};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{CommitError, FileError, NotChosen, QueueError, ReadError, Refused, StoreError};

/// An answer that is not the one asked for. The cause, where there is one, goes to the log and
/// never to the caller.
#[derive(Debug)]
pub struct Problem {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldProblem>,
    more: Map<String, Value>,
    retry_after: Option<u32>,
    usage: Option<Usage>,
    cause: Option<String>,
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field as the caller wrote it.
    pub field: String,
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

/// The body of a problem.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `false`.
    success: bool,
    /// Names the kind of problem: `urn:sampark:problem:` and the code.
    r#type: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This occurrence in words.
    detail: String,
    /// Stable, for programs.
    code: String,
    /// Each wrong field.
    errors: Vec<FieldProblem>,
    /// What to name to support.
    request_id: String,
    /// What else belongs to this kind of problem.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                status,
                code,
                detail: detail.into(),
                errors: Vec::new(),
                more: Map::new(),
                retry_after: None,
                usage: None,
                cause: None,
            }),
        }
    }

    /// Nothing there, or nothing of the caller's: the same words on purpose.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// No token, or one that is no longer good.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in and send the access token as a bearer token.")
    }

    /// Fields that cannot be taken.
    pub fn invalid(errors: impl IntoIterator<Item = FieldInvalid>) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", "Some fields cannot be taken as they are.");
        problem.inner.errors = errors.into_iter().map(FieldProblem::from).collect();
        problem
    }

    /// One field that cannot be taken.
    pub fn field(field: &str, invalid: Invalid) -> Self {
        Self::invalid([FieldInvalid::new(field, invalid)])
    }

    /// The request cannot be read at all.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// The request cannot be done as things stand.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// A fault of ours; the cause goes to the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Support can find it by the request id.",
        );
        problem.inner.cause = Some(cause.to_string());
        problem
    }

    /// What we depend on is busy; the same request may go through in a moment.
    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is busy. Try again in a moment.");
        problem.inner.cause = Some(cause.to_string());
        problem.inner.retry_after = Some(1);
        problem
    }

    /// Too many requests; good again in the limit's next window.
    pub fn too_many(usage: Usage) -> Self {
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "The limit of this window is used up.");
        problem.inner.retry_after = Some(usage.reset);
        problem.inner.usage = Some(usage);
        problem
    }

    /// The same, with other names for its fields.
    #[must_use]
    pub fn renamed(mut self, name: impl Fn(&str) -> String) -> Self {
        for error in &mut self.inner.errors {
            error.field = name(&error.field);
        }
        self
    }

    /// With one more member.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.inner.more.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// With fields named.
    #[must_use]
    pub fn naming(mut self, errors: impl IntoIterator<Item = FieldInvalid>) -> Self {
        self.inner.errors.extend(errors.into_iter().map(FieldProblem::from));
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// The code.
    pub fn code(&self) -> &'static str {
        self.inner.code
    }

    /// This occurrence in words.
    pub fn detail(&self) -> &str {
        &self.inner.detail
    }

    /// What else was told with it, by its name.
    pub fn more(&self, key: &str) -> Option<&Value> {
        self.inner.more.get(key)
    }

    /// The wrong fields.
    pub fn errors(&self) -> &[FieldProblem] {
        &self.inner.errors
    }

    /// The answer, with the request's id; the cause is logged here, once.
    pub(crate) fn render(self, request_id: &str) -> Response {
        let Inner { status, code, detail, errors, more, retry_after, usage, cause } = *self.inner;
        if let Some(cause) = cause {
            tracing::error!(code, cause, "request failed");
        }
        let body = ProblemBody {
            success: false,
            r#type: format!("urn:sampark:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            errors,
            request_id: request_id.to_owned(),
            more,
        };
        let text = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(usage) = usage {
            crate::headers::usage(headers, usage);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<FieldInvalid> for FieldProblem {
    fn from(FieldInvalid { field, invalid: Invalid { code, message } }: FieldInvalid) -> Self {
        Self { field, code: code.to_owned(), message: message.into_owned() }
    }
}

/// Travels in the response until the outermost layer, which knows the request's id, writes it.
#[derive(Clone)]
pub(crate) struct Carried(pub(crate) std::sync::Arc<std::sync::Mutex<Option<Problem>>>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Carried(std::sync::Arc::new(std::sync::Mutex::new(Some(self)))));
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let Denied { permission, plan } = denied;
        match plan {
            None => Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not permit this."),
            Some(plan) => {
                Self::new(StatusCode::FORBIDDEN, "not_in_plan", "Your organization's plan does not have this.")
                    .with("module", permission.module())
                    .with("plan", plan)
            }
        }
        .with("permission", permission.as_str())
    }
}

impl From<Vec<FieldInvalid>> for Problem {
    fn from(errors: Vec<FieldInvalid>) -> Self {
        Self::invalid(errors)
    }
}

/// A stage that the pipeline has not is a mistake worth telling.
impl From<NotChosen> for Problem {
    fn from(error: NotChosen) -> Self {
        match error {
            NotChosen::UnknownStage => {
                Self::field("status", Invalid::new("unknown_stage", "is not a stage of the pipeline"))
            }
            NotChosen::BadCursor => {
                Self::field("cursor", Invalid::new("bad_cursor", "the cursor does not belong to this list"))
            }
            NotChosen::Read(error) => error.into(),
            NotChosen::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_busy() { Self::unavailable(error) } else { Self::internal(error) }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::not_found(),
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            CommitError::Refused { refused, .. } => refused.into(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Conflict | Refused::Guard => {
                Self::conflict("conflict", "The record was changed by somebody else at the same time. Try again.")
            }
            Refused::Exists => Self::conflict("exists", "A record of this id exists already."),
            Refused::Taken { field, holder: _ } => {
                Self::conflict("taken", format!("Another record has this {}.", field.replace('_', " ")))
                    .naming([FieldInvalid::new(field, Invalid::new("taken", "is taken by another record"))])
            }
            Refused::Gone => Self::not_found(),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NotFound => Self::not_found(),
            FileError::TooLarge { limit } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("A file may have {limit} bytes at most."))
            }
            FileError::Failed { .. } => Self::unavailable(error),
        }
    }
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        Self::unavailable(error)
    }
}

impl From<runtime::NotWired> for Problem {
    fn from(error: runtime::NotWired) -> Self {
        Self::internal(error)
    }
}

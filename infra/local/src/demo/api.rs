//! A caller of the API in the same process.

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;

use crate::Local;

/// Why demo data could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The API refused.
    #[error("{method} {path} answered {status}: {body}")]
    Refused {
        /// The request's method.
        method: Method,
        /// Its path.
        path: String,
        /// The answer's status.
        status: StatusCode,
        /// The answer.
        body: String,
    },
    /// An answer is not what the API promises.
    #[error("an answer of {0} is not what it should be")]
    Unexpected(String),
    /// A request could not be written.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// What was done could not be remembered.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// A provider's double was not told where to call.
    #[error("a provider was not told where to call: {0}")]
    NotConnected(String),
    /// The sample of leads was not imported in time.
    #[error("the sample of leads was not imported in time")]
    NotIdle,
}

/// Marks the parts of an upload; it is in no sample.
const BOUNDARY: &str = "sampark-demo-part";

pub(super) struct Api<'a> {
    local: &'a Local,
    token: Option<String>,
}

impl<'a> Api<'a> {
    pub(super) fn of(local: &'a Local) -> Self {
        Self { local, token: None }
    }

    /// Goes on as the person that an answer signed in.
    pub(super) fn sign_in(&mut self, answer: &Value) -> Result<(), DemoError> {
        let token = answer["access_token"].as_str().ok_or_else(|| DemoError::Unexpected("sign-in".to_owned()))?;
        self.token = Some(token.to_owned());
        Ok(())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        let (status, answer) = self.send(Method::GET, path, "", Bytes::new()).await?;
        good(Method::GET, path, status, &answer)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let (status, answer) = self.send(Method::POST, path, "application/json", body.to_string().into()).await?;
        good(Method::POST, path, status, &answer)
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let (status, answer) = self.send(Method::PUT, path, "application/json", body.to_string().into()).await?;
        good(Method::PUT, path, status, &answer)
    }

    /// Nothing where it was done before.
    pub(super) async fn post_once(&self, path: &str, body: &Value) -> Result<Option<Value>, DemoError> {
        let (status, answer) = self.send(Method::POST, path, "application/json", body.to_string().into()).await?;
        if status == StatusCode::CONFLICT { Ok(None) } else { good(Method::POST, path, status, &answer).map(Some) }
    }

    /// Uploads a CSV file, unless it was uploaded before.
    pub(super) async fn upload_once(&self, path: &str, name: &str, csv: &str) -> Result<(), DemoError> {
        let body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n{csv}\r\n--{BOUNDARY}--\r\n"
        );
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let (status, answer) = self.send(Method::POST, path, &content_type, body.into()).await?;
        if status != StatusCode::CONFLICT {
            good(Method::POST, path, status, &answer)?;
        }
        Ok(())
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), DemoError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/{}{path}", self.local.template.stage))
            .header(header::HOST, self.local.base_url.trim_start_matches("http://"));
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let answer = self.local.call(request.body(body)?).await;
        Ok((answer.status(), answer.into_body()))
    }
}

/// The data of an answer that is no refusal.
fn good(method: Method, path: &str, status: StatusCode, answer: &[u8]) -> Result<Value, DemoError> {
    if !status.is_success() {
        let body = String::from_utf8_lossy(answer).into_owned();
        return Err(DemoError::Refused { method, path: path.to_owned(), status, body });
    }
    let envelope: Value = serde_json::from_slice(answer).map_err(|_| DemoError::Unexpected(path.to_owned()))?;
    envelope.get("data").cloned().ok_or_else(|| DemoError::Unexpected(path.to_owned()))
}

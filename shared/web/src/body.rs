//! JSON bodies: bounded, read once, every wrong field told at once, unknown ones named.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use domain::{FieldInvalid, Invalid};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Problem;
use crate::scope::{Scope, Warning};

/// A JSON body may have so many bytes.
pub(crate) const MAX_JSON: usize = 1024 * 1024;
/// And so many levels and members, so that what is cheap to send is cheap to read.
const MAX_DEPTH: usize = 32;
const MAX_MEMBERS: usize = 10_000;

/// The fields of a body's type, for naming what had no effect.
pub trait Fields {
    /// Fields that have an effect.
    const WRITES: &'static [&'static str];
    /// Fields that frontends send back but that only we write.
    const READ_ONLY: &'static [&'static str] = &[];
}

/// A JSON object of fields. Wrong fields do not fail here: the handler takes the fields out and tells
/// all wrong ones at once.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Fields, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let scope = request.extensions().get::<Scope>().cloned().unwrap_or_default();
        let strict = prefers_strict(request.headers());
        is_json(request.headers())?;
        let bytes = read(request, MAX_JSON).await?;
        let map = object(&bytes)?;
        let ignored: Vec<(String, &'static str)> = map
            .keys()
            .filter(|key| !T::WRITES.contains(&key.as_str()))
            .map(|key| (key.clone(), if T::READ_ONLY.contains(&key.as_str()) { "read_only" } else { "unknown_field" }))
            .collect();
        if strict && !ignored.is_empty() {
            return Err(Problem::invalid(
                ignored
                    .into_iter()
                    .map(|(field, code)| FieldInvalid::new(field, Invalid::new(code, "has no effect here"))),
            ));
        }
        scope.warn(ignored.into_iter().take(100).map(|(field, code)| Warning { field, code: code.to_owned() }));
        serde_json::from_value(Value::Object(map)).map(Self).map_err(Problem::internal)
    }
}

/// A request as it came, for those whose signature is over it: 1 MiB at most.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// Its headers.
    pub headers: HeaderMap,
    /// What stands behind the question mark.
    pub query: Option<String>,
    /// Its body.
    pub body: bytes::Bytes,
}

impl<S: Send + Sync> FromRequest<S> for RawRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (headers, query) = (request.headers().clone(), request.uri().query().map(str::to_owned));
        Ok(Self { headers, query, body: read(request, MAX_JSON).await? })
    }
}

/// RFC 7240: `Prefer: handling=strict`.
fn prefers_strict(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|preference| preference.trim().eq_ignore_ascii_case("handling=strict"))
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json") {
        Ok(())
    } else {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "The body must be application/json."))
    }
}

/// The bytes of a body of at most `limit`.
pub(crate) async fn read(request: Request, limit: usize) -> Result<bytes::Bytes, Problem> {
    axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("The body may have {limit} bytes at most."))
    })
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    bounded(bytes)?;
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Problem::bad_request("not_object", "The body must be a JSON object.")),
        Err(error) => Err(Problem::bad_request(
            "bad_json",
            format!("The body is not JSON: line {}, column {}.", error.line(), error.column()),
        )),
    }
}

/// Refuses what nests too deep or has too many members before anything is built from it.
fn bounded(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut members, mut text, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            _ if text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => members += 1,
            _ => {}
        }
        if depth > MAX_DEPTH || members > MAX_MEMBERS {
            return Err(Problem::bad_request(
                "too_complex",
                "The body may nest 32 levels deep and have 10,000 members at most.",
            ));
        }
    }
    Ok(())
}

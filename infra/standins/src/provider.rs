//! What the doubles of providers have in common: a loopback listener, troubles that tests ask for, and callbacks.
//!
//! A double checks a request as its provider would, answers in the shape that its provider documents, and puts what it takes
//! into the outbox.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::http as wire;

/// The longest request that is read: one with a file.
const MAX_REQUEST: usize = 32 * 1_024 * 1_024;
/// So much is said by one that says too much.
const TOO_MUCH: usize = 1_024 * 1_024;

pub(crate) type Response = http::Response<Full<Bytes>>;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is answered with this status and nothing else, and not taken.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// It is answered with this code of the provider's own, and not taken.
    Code(u32),
    /// It is taken, and answered with what is not of the documented shape.
    Garbled,
    /// It is taken, and answered with a megabyte.
    TooMuch,
    /// It is taken, and never answered.
    Silent,
}

/// Troubles to come, each for one call.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<VecDeque<Trouble>>);

impl Troubles {
    pub(crate) fn add(&self, trouble: Trouble) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(trouble);
    }

    pub(crate) fn next(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// What a provider tells of a message, as the request that it would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Its headers, the signature among them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Callback {
    /// A body of a type, with no other header.
    pub fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { headers, body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// A double of a provider with an HTTP API.
pub(crate) trait Provider: Debug + Send + Sync + 'static {
    fn troubles(&self) -> &Troubles;

    /// Checks a request and takes what it hands over.
    fn take(&self, request: &Parts, body: &[u8]) -> Response;

    /// The answer of a failure, by the provider's own code.
    fn failure(&self, code: u32) -> Response;
}

/// Serves a double until `shutdown`.
pub(crate) async fn serve<P: Provider>(
    provider: Arc<P>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    wire::serve(listener, shutdown, move |request| answer(Arc::clone(&provider), request)).await
}

async fn answer<P: Provider>(provider: Arc<P>, request: http::Request<Incoming>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_REQUEST).collect().await else { return empty(413) };
    let body = body.to_bytes();
    match provider.troubles().next() {
        None => provider.take(&parts, &body),
        Some(Trouble::Status { status, retry_after }) => {
            let mut response = empty(status);
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        Some(Trouble::Code(code)) => provider.failure(code),
        Some(Trouble::Garbled) => {
            let status = provider.take(&parts, &body).status();
            text(status.as_u16(), "text/html", "<html>")
        }
        Some(Trouble::TooMuch) => {
            let status = provider.take(&parts, &body).status();
            text(status.as_u16(), "application/json", " ".repeat(TOO_MUCH))
        }
        Some(Trouble::Silent) => {
            provider.take(&parts, &body);
            std::future::pending().await
        }
    }
}

/// A file.
pub(crate) fn file(content_type: &str, bytes: Vec<u8>) -> Response {
    let mut response = http::Response::new(Full::new(bytes.into()));
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

fn empty(status: u16) -> Response {
    text(status, "text/plain", "")
}

fn text(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    text(status, "application/json", body.to_string())
}

/// One header as text; empty where there is none.
pub(crate) fn header_of<'a>(request: &'a Parts, name: &str) -> &'a str {
    request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the request says that its body is of this type.
pub(crate) fn is_of(request: &Parts, content_type: &str) -> bool {
    header_of(request, "content-type").split(';').next().is_some_and(|told| told.trim() == content_type)
}

/// Whether a number is in the form of E.164.
pub(crate) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(is_international)
}

/// Whether these are the digits of a number with the code of its country.
pub(crate) fn is_international(digits: &str) -> bool {
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

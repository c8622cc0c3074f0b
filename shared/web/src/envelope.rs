//! The envelope of an answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::record::RESTORABLE_DAYS;
use jiff::SignedDuration;
use serde::Serialize;

use crate::Warning;
use crate::problem::Problem;

/// `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
/// for people.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Envelope<T> {
    /// Always `true`.
    pub success: bool,
    /// Fields of the write that had no effect; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Warning>>,
    /// The answer.
    pub data: T,
}

/// An answer.
#[derive(Debug)]
pub struct Data<T>(pub T);

/// An answer about one record, with its version as entity tag.
#[derive(Debug)]
pub struct Versioned<T>(pub T, pub u64);

/// The answer to a creation: 201 with the place of the new record and its version.
#[derive(Debug)]
pub struct Created<T> {
    /// The record.
    pub data: T,
    /// Its path below the stage: `/leads/lead_…`.
    pub location: String,
    /// Its version.
    pub version: u64,
}

/// The answer to a deletion.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Deleted {
    /// What was deleted.
    pub id: String,
    /// Until when it can be restored, RFC 3339; absent where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub restorable_until: Option<jiff::Timestamp>,
}

impl Deleted {
    /// Deleted now; it can be restored for [`RESTORABLE_DAYS`].
    pub fn restorable(id: &impl ToString, now: jiff::Timestamp) -> Self {
        Self { restorable_until: Some(now + SignedDuration::from_hours(24 * RESTORABLE_DAYS)), ..Self::for_good(id) }
    }

    /// Deleted, never to be restored.
    pub fn for_good(id: &impl ToString) -> Self {
        Self { id: id.to_string(), restorable_until: None }
    }
}

/// What the first bytes of every enveloped answer are; warnings are put right behind them.
pub(crate) const OPENING: &str = r#"{"success":true"#;

fn json<T: Serialize>(status: StatusCode, data: &T) -> Response {
    let mut text = Vec::with_capacity(1_024);
    text.extend_from_slice(OPENING.as_bytes());
    text.extend_from_slice(br#","data":"#);
    if let Err(error) = serde_json::to_writer(&mut text, data) {
        return Problem::internal(error).into_response();
    }
    text.push(b'}');
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn tagged(mut response: Response, version: u64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        tagged(json(StatusCode::OK, &self.0), self.1)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = tagged(json(StatusCode::CREATED, &self.data), self.version);
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

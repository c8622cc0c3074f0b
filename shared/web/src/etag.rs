//! Entity tags: a record's version, so that a writer can say which one they saw.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use domain::{FieldInvalid, Invalid};

use crate::Problem;

/// The version that a writer saw; `None` where they do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
        version.map(|version| Self(Some(version))).ok_or_else(|| {
            Problem::bad_request("bad_if_match", "If-Match takes one strong entity tag as an answer gave it.")
                .naming([FieldInvalid::new("If-Match", Invalid::new("bad_if_match", "must be one strong entity tag"))])
        })
    }
}

/// The refusal of a write to a record that others have changed since: names the fields of the write
/// that they changed, or all they changed where none of the write's is among them.
pub(crate) fn precondition_failed(version: u64, changed: Vec<String>, writing: &[&str]) -> Problem {
    let conflicting: Vec<String> = changed.iter().filter(|field| writing.contains(&field.as_str())).cloned().collect();
    let named = if conflicting.is_empty() { changed } else { conflicting };
    Problem::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", "The record has changed since you read it.")
        .with("current_version", version)
        .naming(
            named.into_iter().map(|field| {
                FieldInvalid::new(field, Invalid::new("changed_meanwhile", "was changed by somebody else"))
            }),
        )
}

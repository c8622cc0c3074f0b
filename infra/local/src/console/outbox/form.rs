//! What a form of the page says.

use std::collections::HashMap;

use axum::http::StatusCode;

use super::Failure;

/// A form's fields, by their names.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A field; empty where the form has none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }
}

/// A form that no page here sends.
pub(super) fn unknown(what: &str) -> Failure {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("{what}\n"))
}

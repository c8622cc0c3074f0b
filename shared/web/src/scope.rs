//! What a request gathers on its way that its answer must tell: warnings, the use of limits.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;

use crate::limits::Usage;

/// A field of a write that had no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Warning {
    /// The field as the caller wrote it.
    pub field: String,
    /// `unknown_field` or `read_only`.
    pub code: String,
}

/// Shared by the layers and extractors of one request.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    request_id: Arc<str>,
    gathered: Arc<Mutex<Gathered>>,
}

#[derive(Debug, Default)]
struct Gathered {
    warnings: Vec<Warning>,
    usage: Option<Usage>,
}

impl Scope {
    pub(crate) fn for_request(request_id: &str) -> Self {
        Self { request_id: request_id.into(), gathered: Arc::default() }
    }

    /// What to name to support.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    fn with<T>(&self, act: impl FnOnce(&mut Gathered) -> T) -> T {
        act(&mut self.gathered.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn warn(&self, warnings: impl IntoIterator<Item = Warning>) {
        self.with(|gathered| gathered.warnings.extend(warnings));
    }

    pub(crate) fn take_warnings(&self) -> Vec<Warning> {
        self.with(|gathered| std::mem::take(&mut gathered.warnings))
    }

    /// The tightest limit that the request was counted against.
    pub fn used(&self, usage: Usage) {
        self.with(|gathered| {
            if gathered.usage.is_none_or(|known| usage.remaining <= known.remaining) {
                gathered.usage = Some(usage);
            }
        });
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        self.with(|gathered| gathered.usage)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Scope {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

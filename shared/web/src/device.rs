//! What somebody asks with, as sessions and security events tell it.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::session::Device;

use crate::{Address, Problem};

/// More of what a browser calls itself is not kept.
const MAX_USER_AGENT: usize = 200;

/// What somebody asks with, and from where.
#[derive(Debug, Clone)]
pub struct FromDevice(pub Device);

impl<S: Send + Sync> FromRequestParts<S> for FromDevice {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Address(address) = Address::from_request_parts(parts, state).await?;
        let name = parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
        Ok(Self(Device { user_agent: name.chars().take(MAX_USER_AGENT).collect(), address }))
    }
}

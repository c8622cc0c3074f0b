//! `GET /openapi.json`.

use axum::http::{HeaderName, header};

/// Made from the code and committed; a test proves it fresh.
pub(crate) const DOCUMENT: &str = include_str!("../../../infra/openapi.json");

/// This document: OpenAPI 3.1.
#[utoipa::path(
    get, path = "/openapi.json", tag = "health", security(()),
    responses((status = 200, description = "The document, without envelope.", body = serde_json::Value)),
)]
pub(crate) async fn openapi_view() -> ([(HeaderName, &'static str); 2], &'static str) {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, DOCUMENT)
}

//! Health, the OpenAPI document and its page.

mod docs;
mod health;
mod openapi;

use axum::routing::get;
use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(health::health_view))
        .routes(routes!(openapi::openapi_view))
        .routes(routes!(docs::docs_page))
        // Parts of the page, not of the API.
        .route("/docs/style.css", get(docs::style))
        .route("/docs/script.js", get(docs::script))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::open_service(routes(), app)
}

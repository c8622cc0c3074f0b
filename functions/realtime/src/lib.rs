//! The way to live updates: a token that opens a connection.

mod token;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new().routes(routes!(token::realtime_token_create))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

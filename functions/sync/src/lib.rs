//! All that a client which works offline keeps, in one place: what it must know, and how it stands.
//!
//! What it changed goes to the records' own operations (`POST /leads/sync` and the like).

mod force;
mod full;
mod history;
mod kind;
mod last;
mod selective;
mod status;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(last::sync_last))
        .routes(routes!(status::sync_status))
        .routes(routes!(history::sync_history))
        .routes(routes!(full::sync_full))
        .routes(routes!(force::sync_force))
        .routes(routes!(selective::sync_selective))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

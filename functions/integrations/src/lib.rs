//! An organization's connections to services of others: their settings and secrets, how they fare, what they did and what
//! their providers told.
//!
//! Secrets go in and never come out: an answer tells which of them are set, and since when.

mod backfill;
mod body;
mod create;
mod delete;
mod deliveries;
mod get;
mod list;
mod logs;
mod restore;
mod status;
mod update;
mod view;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::integration_list, create::integration_create))
        .routes(routes!(status::integration_status))
        .routes(routes!(get::integration_view, update::integration_update, delete::integration_delete))
        .routes(routes!(restore::integration_restore))
        .routes(routes!(backfill::integration_backfill))
        .routes(routes!(deliveries::list::integration_delivery_list))
        .routes(routes!(deliveries::view::integration_delivery_view))
        .routes(routes!(deliveries::replay::integration_delivery_replay))
        .routes(routes!(logs::list::integration_log_list, logs::create::integration_log_create))
        .routes(routes!(logs::view::integration_log_view))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

//! What people are told inside the product.

mod broadcasts;
mod by_agent;
mod create;
mod delete;
mod deliveries;
mod devices;
mod list;
mod notice;
mod preferences;
mod reach;
mod read;
mod read_all;
mod stats;
mod view;

use web::{App, Routes, routes};

/// Tries against other writers of the same inbox before a caller is told to try again.
const TRIES: u32 = 8;

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::notification_list, create::notification_create))
        .routes(routes!(by_agent::notification_list_by_agent))
        .routes(routes!(broadcasts::send::notification_broadcast))
        .routes(routes!(broadcasts::system::notification_system))
        .routes(routes!(broadcasts::list::broadcast_list))
        .routes(routes!(broadcasts::view::broadcast_view))
        .routes(routes!(read_all::notification_read_all_of_agent))
        .routes(routes!(read_all::notification_read_all))
        .routes(routes!(stats::notification_stats))
        .routes(routes!(
            preferences::view::notification_preferences_view,
            preferences::update::notification_preferences_update
        ))
        .routes(routes!(devices::key::push_key_view))
        .routes(routes!(devices::list::device_list, devices::register::device_register))
        .routes(routes!(devices::view::device_view, devices::delete::device_delete))
        .routes(routes!(deliveries::notification_deliveries))
        .routes(routes!(view::notification_view, delete::notification_delete))
        .routes(routes!(read::notification_read))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

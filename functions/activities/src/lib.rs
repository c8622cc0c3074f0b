//! What people do with leads: calls.

mod asked;
mod calls;
mod people;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(calls::list::call_list, calls::create::call_create))
        .routes(routes!(calls::by_agent::call_list_by_agent))
        .routes(routes!(calls::view::call_view, calls::update::call_update, calls::delete::call_delete))
        .routes(routes!(calls::restore::call_restore))
        .routes(routes!(calls::start::call_start))
        .routes(routes!(calls::end::call_end))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

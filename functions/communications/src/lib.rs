//! Messages to people outside and from them, and what they stand on: consents, suppressions, templates, and what an
//! organization asks of its own sending.

mod consents;
mod person;
mod settings;
mod suppressions;
mod templates;
mod timeline;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(consents::list::consent_list, consents::create::consent_create))
        .routes(routes!(consents::dnd::do_not_disturb_update))
        .routes(routes!(consents::view::consent_view))
        .routes(routes!(consents::current::lead_consents))
        .routes(routes!(suppressions::list::suppression_list, suppressions::create::suppression_create))
        .routes(routes!(suppressions::import::suppression_import))
        .routes(routes!(
            suppressions::view::suppression_view,
            suppressions::update::suppression_update,
            suppressions::delete::suppression_delete
        ))
        .routes(routes!(templates::list::template_list, templates::create::template_create))
        .routes(routes!(
            templates::view::template_view,
            templates::update::template_update,
            templates::delete::template_delete
        ))
        .routes(routes!(templates::restore::template_restore))
        .routes(routes!(templates::preview::template_preview))
        .routes(routes!(templates::test_send::template_test_send))
        .routes(routes!(templates::approval_sync::template_approval_sync))
        .routes(routes!(templates::versions::template_version_list))
        .routes(routes!(templates::revert::template_version_restore))
        .routes(routes!(timeline::list::communication_list, timeline::create::communication_create))
        .routes(routes!(timeline::bulk::communication_bulk))
        .routes(routes!(timeline::history::communication_history))
        .routes(routes!(
            timeline::view::communication_view,
            timeline::update::communication_update,
            timeline::delete::communication_delete
        ))
        .routes(routes!(timeline::thread::communication_thread))
        .routes(routes!(timeline::restore::communication_restore))
        .routes(routes!(settings::view::communication_settings_view, settings::update::communication_settings_update))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

//! What people do with leads: calls, reminders and notes.

mod asked;
mod calls;
mod notes;
mod people;
mod reminders;

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
        .routes(routes!(calls::sync::fetch::call_sync_fetch))
        .routes(routes!(calls::sync::push::call_sync_push))
        .routes(routes!(reminders::list::reminder_list, reminders::create::reminder_create))
        .routes(routes!(reminders::by_agent::reminder_list_by_agent))
        .routes(routes!(reminders::overdue::reminder_list_overdue))
        .routes(routes!(reminders::due_soon::reminder_list_due_soon))
        .routes(routes!(
            reminders::view::reminder_view,
            reminders::update::reminder_update,
            reminders::delete::reminder_delete
        ))
        .routes(routes!(reminders::restore::reminder_restore))
        .routes(routes!(reminders::complete::reminder_complete))
        .routes(routes!(reminders::snooze::reminder_snooze))
        .routes(routes!(reminders::sync::fetch::reminder_sync_fetch))
        .routes(routes!(reminders::sync::push::reminder_sync_push))
        .routes(routes!(notes::list::note_list, notes::create::note_create))
        .routes(routes!(notes::view::note_view, notes::update::note_update, notes::delete::note_delete))
        .routes(routes!(notes::restore::note_restore))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

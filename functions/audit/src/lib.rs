//! What happened and who did it: the audit log, security events, suspicious activities, retention.

mod listing;
mod logs;
mod retention;
mod security_events;
mod suspicious;
mod when;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(logs::list::audit_log_list))
        .routes(routes!(logs::export::audit_log_export))
        .routes(routes!(logs::verify::audit_log_verify))
        .routes(routes!(security_events::list::security_event_list))
        .routes(routes!(security_events::view::security_event_view))
        .routes(routes!(suspicious::list::suspicious_activity_list))
        .routes(routes!(suspicious::view::suspicious_activity_view))
        .routes(routes!(suspicious::acknowledge::suspicious_activity_acknowledge))
        .routes(routes!(retention::view::retention_policy_view, retention::update::retention_policy_update))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

//! What happened in an organization, and the machines that are told of it.

mod deliveries;
mod endpoints;
mod events;
mod recoveries;

use axum::http::StatusCode;
use domain::{Grant, Permission, Rows};
use web::{App, Problem, Routes, SignedIn, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(events::list::event_list))
        .routes(routes!(events::view::event_view))
        .routes(routes!(endpoints::list::webhook_endpoint_list, endpoints::create::webhook_endpoint_create))
        .routes(routes!(
            endpoints::view::webhook_endpoint_view,
            endpoints::update::webhook_endpoint_update,
            endpoints::delete::webhook_endpoint_delete
        ))
        .routes(routes!(endpoints::restore::webhook_endpoint_restore))
        .routes(routes!(endpoints::secret::webhook_endpoint_secret))
        .routes(routes!(endpoints::rotate_secret::webhook_endpoint_rotate_secret))
        .routes(routes!(endpoints::test::webhook_endpoint_test))
        .routes(routes!(deliveries::list::webhook_delivery_list))
        .routes(routes!(deliveries::view::webhook_delivery_view))
        .routes(routes!(deliveries::resend::webhook_delivery_resend))
        .routes(routes!(recoveries::start::webhook_endpoint_recover))
        .routes(routes!(recoveries::view::webhook_recovery_view))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

/// The proof for what tells of every record: whoever does not reach every record does not see it.
fn allowed(signed_in: &SignedIn, permission: Permission) -> Result<Grant, Problem> {
    let grant = signed_in.caller.allow(permission)?;
    match grant.rows() {
        Rows::All => Ok(grant),
        Rows::Branches { .. } | Rows::Team { .. } | Rows::Own { .. } => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "all_rows_required",
            "Events tell of every record; your role reaches only some.",
        )),
    }
}

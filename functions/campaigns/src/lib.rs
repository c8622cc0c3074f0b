//! Campaigns: written, launched, halted, and what became of them. What they send is planned by `launches`.

mod analytics;
mod body;
mod cancel;
mod create;
mod delete;
mod launch;
mod list;
mod pause;
mod recipients;
mod restore;
mod resume;
mod stats;
mod test_send;
mod update;
mod view;

use axum::Router;
use domain::campaign::Unlaunchable;
use web::{App, Problem, Routes, routes};

/// The routes with their documents.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::campaign_list, create::campaign_create))
        .routes(routes!(view::campaign_view, update::campaign_update, delete::campaign_delete))
        .routes(routes!(restore::campaign_restore))
        .routes(routes!(launch::campaign_launch))
        .routes(routes!(pause::campaign_pause))
        .routes(routes!(resume::campaign_resume))
        .routes(routes!(cancel::campaign_cancel))
        .routes(routes!(test_send::campaign_test_send))
        .routes(routes!(stats::campaign_stats))
        .routes(routes!(analytics::campaign_analytics))
        .routes(routes!(recipients::campaign_recipient_list))
}

/// The function.
pub fn router(app: App) -> Router {
    web::service(routes(), app)
}

/// What a campaign says that does not do what is asked of it where it stands.
fn refused(Unlaunchable(status): Unlaunchable) -> Problem {
    Problem::conflict("wrong_status", format!("The campaign is {status}.")).with("status", status)
}

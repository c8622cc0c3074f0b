//! Leads and what is done with them.

mod assign;
mod bulk;
mod by_agent;
mod by_status;
mod create;
mod delete;
mod export;
mod get;
mod history;
mod import;
mod jobs;
mod list;
mod merge;
mod page;
mod plan;
mod restore;
mod reveal;
mod score;
mod search;
mod segments;
mod sla;
mod status;
mod sync;
mod update;

use axum::Router;
use web::{App, Routes, routes};

/// The routes with their documents.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::lead_list, create::lead_create))
        .routes(routes!(bulk::lead_bulk))
        .routes(routes!(export::lead_export))
        .routes(routes!(search::lead_search))
        .routes(routes!(sync::push::lead_sync_push))
        .routes(routes!(sync::fetch::lead_sync_fetch))
        .routes(routes!(by_status::lead_list_by_status))
        .routes(routes!(by_agent::lead_list_by_agent))
        .routes(routes!(get::lead_view, update::lead_update, delete::lead_delete))
        .routes(routes!(assign::lead_assign))
        .routes(routes!(status::lead_status_change))
        .routes(routes!(history::lead_history))
        .routes(routes!(score::lead_score))
        .routes(routes!(sla::lead_sla))
        .routes(routes!(restore::lead_restore))
        .routes(routes!(reveal::lead_reveal))
        .routes(routes!(merge::lead_merge))
        .merge(import::routes())
        .merge(jobs::routes())
        .merge(segments::routes())
}

/// The function.
pub fn router(app: App) -> Router {
    web::service(routes(), app)
}

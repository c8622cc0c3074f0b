//! Files: what people upload, to be sent and looked at.

mod files;

use axum::Router;
use web::{App, Routes, routes};

/// The routes with their documents.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(files::list::file_list))
        .routes(routes!(files::upload::file_upload))
        .routes(routes!(files::presign::file_presign))
        .routes(routes!(files::view::file_view, files::delete::file_delete))
        .routes(routes!(files::complete::file_complete))
        .routes(routes!(files::download::file_download))
        .routes(routes!(files::restore::file_restore))
}

/// The function.
pub fn router(app: App) -> Router {
    web::service(routes(), app)
}

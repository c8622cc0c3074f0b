//! Organizations, plans, branches, business hours, pipelines, settings, lead forms.

mod assignment;
mod branches;
mod business_hours;
mod forms;
mod organizations;
mod pipelines;
mod settings;
mod subscription;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(organizations::view::organization_view, organizations::update::organization_update))
        .routes(routes!(organizations::open::join_code_open, organizations::close::join_code_close))
        .routes(routes!(subscription::plans::plan_list))
        .routes(routes!(subscription::view::subscription_view, subscription::update::subscription_update))
        .routes(routes!(assignment::view::assignment_view, assignment::update::assignment_update))
        .routes(routes!(settings::list::settings_list, settings::update::settings_update))
        .routes(routes!(branches::list::branch_list, branches::create::branch_create))
        .routes(routes!(branches::view::branch_view, branches::update::branch_update, branches::delete::branch_delete))
        .routes(routes!(branches::restore::branch_restore))
        .routes(routes!(business_hours::view::business_hours_view, business_hours::update::business_hours_update))
        .routes(routes!(pipelines::list::pipeline_list))
        .routes(routes!(pipelines::view::pipeline_view, pipelines::update::pipeline_update))
        .routes(routes!(forms::list::form_list, forms::create::form_create))
        .routes(routes!(forms::view::form_view, forms::update::form_update, forms::delete::form_delete))
        .routes(routes!(forms::restore::form_restore))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

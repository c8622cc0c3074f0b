//! Automations: rules and workflows, what they did, and what they would do.

mod body;
mod create;
mod delete;
mod execute;
mod list;
mod restore;
mod runs;
mod sla;
mod subject;
mod templates;
mod test;
mod update;
mod view;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::automation_list, create::automation_create))
        .routes(routes!(list::workflow_list, create::workflow_create))
        .routes(routes!(templates::automation_templates))
        .routes(routes!(templates::automation_create_from_template))
        .routes(routes!(view::automation_view, update::automation_update, delete::automation_delete))
        .routes(routes!(view::workflow_view, update::workflow_update))
        .routes(routes!(restore::automation_restore))
        .routes(routes!(test::automation_test))
        .routes(routes!(execute::workflow_execute))
        .routes(routes!(runs::automation_run_list))
        .routes(routes!(runs::automation_run_view))
        .routes(routes!(sla::list::sla_policy_list, sla::create::sla_policy_create))
        .routes(routes!(sla::view::sla_policy_view, sla::update::sla_policy_update, sla::delete::sla_policy_delete))
        .routes(routes!(sla::restore::sla_policy_restore))
        .routes(routes!(sla::clocks::sla_policy_clock_list))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

//! Automations: rules and workflows, what they did, and what they would do; rules for notifications, which are automations
//! too; and approvals, by which people decide what others ask for.

mod approval_workflows;
mod approvals;
mod body;
mod create;
mod delete;
mod execute;
mod known;
mod list;
mod notification_rules;
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
        .routes(routes!(
            approval_workflows::list::approval_workflow_list,
            approval_workflows::create::approval_workflow_create
        ))
        .routes(routes!(
            approval_workflows::view::approval_workflow_view,
            approval_workflows::update::approval_workflow_update,
            approval_workflows::delete::approval_workflow_delete
        ))
        .routes(routes!(approval_workflows::restore::approval_workflow_restore))
        .routes(routes!(approvals::list::approval_list, approvals::create::approval_create))
        .routes(routes!(approvals::view::approval_view))
        .routes(routes!(approvals::approve::approval_approve))
        .routes(routes!(approvals::reject::approval_reject))
        .routes(routes!(approvals::delegate::approval_delegate))
        .routes(routes!(approvals::cancel::approval_cancel))
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
        .routes(routes!(
            notification_rules::list::notification_rule_list,
            notification_rules::create::notification_rule_create
        ))
        .routes(routes!(
            notification_rules::view::notification_rule_view,
            notification_rules::update::notification_rule_update,
            notification_rules::delete::notification_rule_delete
        ))
        .routes(routes!(sla::list::sla_policy_list, sla::create::sla_policy_create))
        .routes(routes!(sla::view::sla_policy_view, sla::update::sla_policy_update, sla::delete::sla_policy_delete))
        .routes(routes!(sla::restore::sla_policy_restore))
        .routes(routes!(sla::clocks::sla_policy_clock_list))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}

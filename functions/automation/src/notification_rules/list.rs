//! `GET /notifications/rules`.

use axum::extract::State;
use domain::{List, Permission, Slot, Workflow};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::NotificationRuleView;

/// A page of rules for notifications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationRuleList {
    /// The rules.
    rules: Vec<NotificationRuleView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists the rules for notifications, newest first. Costs 1 Query.
#[utoipa::path(
    get, path = "/notifications/rules", tag = "notifications",
    params(PageQuery),
    responses((status = 200, body = Envelope<NotificationRuleList>)),
)]
pub(crate) async fn notification_rule_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<NotificationRuleList>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let list = List::new(Slot::One, "all", "");
    let (workflows, pagination) =
        page_of(&app, &grant, &params, &list, Shown::Filtered, Workflow::only_notifies).await?;
    let rules = workflows.into_iter().filter_map(NotificationRuleView::of).collect();
    Ok(Data(NotificationRuleList { rules, pagination }))
}

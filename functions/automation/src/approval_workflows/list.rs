//! `GET /approval-workflows`.

use axum::extract::State;
use domain::{ApprovalWorkflow, List, Permission, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::ApprovalWorkflowView;

/// A page of approval workflows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalWorkflowList {
    /// The workflows.
    workflows: Vec<ApprovalWorkflowView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists approval workflows, newest first. Costs 1 Query.
#[utoipa::path(
    get, path = "/approval-workflows", tag = "approvals",
    params(PageQuery, ("enabled" = Option<bool>, Query, description = "Whether they can be asked for.")),
    responses((status = 200, body = Envelope<ApprovalWorkflowList>)),
)]
pub(crate) async fn approval_workflow_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ApprovalWorkflowList>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsRead)?;
    let mut wrong = Vec::new();
    let enabled = params.flag("enabled", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let shown = if enabled.is_none() { Shown::Whole } else { Shown::Filtered };
    let keep = |workflow: &ApprovalWorkflow| enabled.is_none_or(|enabled| workflow.enabled == enabled);
    let (workflows, pagination) = page_of(&app, &grant, &params, &List::new(Slot::One, "all", ""), shown, keep).await?;
    let workflows = workflows.into_iter().map(ApprovalWorkflowView::from).collect();
    Ok(Data(ApprovalWorkflowList { workflows, pagination }))
}

//! `GET /automation`, `GET /automation/workflows`.

use axum::extract::State;
use domain::automation::{TriggerType, WorkflowStatus};
use domain::{FieldInvalid, Invalid, List, Permission, Slot, Workflow};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use crate::view::WorkflowView;

/// A page of rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleList {
    /// The rules.
    rules: Vec<WorkflowView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// A page of workflows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowList {
    /// The workflows.
    workflows: Vec<WorkflowView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists automations, newest first. Costs 1 Query.
#[utoipa::path(
    get, path = "/automation", tag = "automation",
    params(
        PageQuery,
        ("status" = Option<String>, Query, description = "`active` or `paused`; `all` means both."),
        ("trigger" = Option<String>, Query, description = "What sets them going; `trigger_type` is the same."),
    ),
    responses((status = 200, body = Envelope<RuleList>)),
)]
pub(crate) async fn automation_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<RuleList>, Problem> {
    let (rules, pagination) = page(&app, &signed_in, &params).await?;
    Ok(Data(RuleList { rules, pagination }))
}

/// Lists workflows: the same as `GET /automation`.
#[utoipa::path(
    get, path = "/automation/workflows", tag = "automation",
    params(
        PageQuery,
        ("status" = Option<String>, Query, description = "`active` or `paused`; `all` means both."),
        ("trigger" = Option<String>, Query, description = "What sets them going; `trigger_type` is the same."),
    ),
    responses((status = 200, body = Envelope<WorkflowList>)),
)]
pub(crate) async fn workflow_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<WorkflowList>, Problem> {
    let (workflows, pagination) = page(&app, &signed_in, &params).await?;
    Ok(Data(WorkflowList { workflows, pagination }))
}

async fn page(app: &App, signed_in: &SignedIn, params: &Params) -> Result<(Vec<WorkflowView>, Pagination), Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let mut wrong = Vec::new();
    let status = match params.get("status") {
        None | Some("all") => None,
        Some("inactive") => Some(WorkflowStatus::Paused),
        Some(text) => refused(text.parse(), "status", &mut wrong),
    };
    let field = if params.get("trigger").is_some() { "trigger" } else { "trigger_type" };
    let trigger = match params.get(field) {
        None | Some("all") => None,
        Some(text) => refused(TriggerType::read(text), field, &mut wrong),
    };
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list = match status {
        Some(WorkflowStatus::Active) => List::new(Slot::Two, "active", ""),
        Some(WorkflowStatus::Paused) | None => List::new(Slot::One, "all", ""),
    };
    let whole = trigger.is_none() && status != Some(WorkflowStatus::Paused);
    let shown = if whole { Shown::Whole } else { Shown::Filtered };
    let keep = |workflow: &Workflow| {
        status.is_none_or(|status| workflow.status == status)
            && trigger.is_none_or(|trigger| workflow.trigger == trigger)
    };
    let (workflows, pagination) = page_of(app, &grant, params, &list, shown, keep).await?;
    Ok((workflows.into_iter().map(WorkflowView::from).collect(), pagination))
}

fn refused<T>(read: Result<T, Invalid>, field: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
    read.map_err(|invalid| wrong.push(FieldInvalid::new(field, invalid))).ok()
}

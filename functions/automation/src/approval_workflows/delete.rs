//! `DELETE /approval-workflows/{id}`.

use axum::extract::State;
use domain::record::RESTORABLE_DAYS;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Permission};
use jiff::SignedDuration;
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes an approval workflow; what was asked for goes on by its steps. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/approval-workflows/{id}", tag = "approvals",
    params(("id" = ApprovalWorkflowId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn approval_workflow_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalWorkflowId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |workflow: ApprovalWorkflow| Ok(workflow.delete(now))).await?;
    let restorable_until = Some(now + SignedDuration::from_hours(24 * RESTORABLE_DAYS));
    Ok(Data(Deleted { id: id.to_string(), restorable_until }))
}

//! `DELETE /approval-workflows/{id}`.

use axum::extract::State;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Permission};
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
    Ok(Data(Deleted::restorable(&id, now)))
}

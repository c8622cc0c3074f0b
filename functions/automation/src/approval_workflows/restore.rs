//! `POST /approval-workflows/{id}/restore`.

use axum::extract::State;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::create::room;
use super::view::ApprovalWorkflowView;

/// Brings a deleted approval workflow back as it was.
#[utoipa::path(
    post, path = "/approval-workflows/{id}/restore", tag = "approvals",
    params(("id" = ApprovalWorkflowId, Path)),
    responses((status = 200, body = Envelope<ApprovalWorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_workflow_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalWorkflowId>,
) -> Result<Versioned<ApprovalWorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsWrite)?;
    let workflow: ApprovalWorkflow = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let workflow = app.table().commit(&grant, workflow.restore(app.now())).await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

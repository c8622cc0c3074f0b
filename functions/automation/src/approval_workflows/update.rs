//! `PUT /approval-workflows/{id}`.

use axum::extract::State;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Permission};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::body::{ApprovalWorkflowBody, known};
use super::view::ApprovalWorkflowView;

/// Changes an approval workflow: a field that is absent stays, `steps` are replaced as a whole. What was asked for before
/// ends by the steps it began with. With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/approval-workflows/{id}", tag = "approvals",
    params(("id" = ApprovalWorkflowId, Path)),
    request_body = ApprovalWorkflowBody,
    responses((status = 200, body = Envelope<ApprovalWorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_workflow_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalWorkflowId>,
    if_match: IfMatch,
    Body(body): Body<ApprovalWorkflowBody>,
) -> Result<Versioned<ApprovalWorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsWrite)?;
    let patch = body.patch()?;
    if let Some(steps) = &patch.steps {
        known(&app, &grant, steps).await?;
    }
    let now = app.now();
    let workflow = change(&app, &grant, id, if_match, &patch.writing(), |workflow: ApprovalWorkflow| {
        Ok(workflow.update(patch.clone(), now)?)
    })
    .await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

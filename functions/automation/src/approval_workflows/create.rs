//! `POST /approval-workflows`.

use axum::extract::State;
use domain::approval::MAX_APPROVAL_WORKFLOWS;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Grant, Permission};
use web::room::room_for;
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::body::{ApprovalWorkflowBody, known};
use super::view::ApprovalWorkflowView;

/// Makes an approval workflow. The people that its steps name must be in your reach. Costs 1 Query, 1 or 2 reads for the
/// people and roles that it names, and 1 transaction.
#[utoipa::path(
    post, path = "/approval-workflows", tag = "approvals", request_body = ApprovalWorkflowBody,
    responses((status = 201, body = Envelope<ApprovalWorkflowView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn approval_workflow_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<ApprovalWorkflowBody>,
) -> Result<Created<ApprovalWorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsWrite)?;
    let now = app.now();
    let id = ApprovalWorkflowId::at(now, app.platform().random());
    let change = ApprovalWorkflow::create(id, grant.organization(), body.details()?, now)?;
    known(&app, &grant, &change.after.steps).await?;
    room(&app, &grant).await?;
    let workflow = app.table().commit(&grant, change).await?;
    let version = workflow.meta.version;
    Ok(Created { data: workflow.into(), location: format!("/approval-workflows/{id}"), version })
}

/// Refuses one more workflow where there are as many as there may be: 1 Query.
pub(super) async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    room_for::<ApprovalWorkflow>(app, grant, MAX_APPROVAL_WORKFLOWS, "too_many_workflows", "approval workflows").await
}

//! `DELETE /automation/{id}`.

use axum::extract::State;
use domain::{Grant, Permission, Workflow, WorkflowId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes an automation; its runs under way end. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/automation/{id}", tag = "automation",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn automation_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    deleted(&app, &grant, id, if_match).await
}

/// Deletes it, and tells until when it can be restored.
pub(crate) async fn deleted(
    app: &App,
    grant: &Grant,
    id: WorkflowId,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let now = app.now();
    change(app, grant, id, if_match, &[], |workflow: Workflow| Ok(workflow.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

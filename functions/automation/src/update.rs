//! `PUT /automation/{id}`, `PUT /automation/workflows/{id}`.

use axum::extract::State;
use domain::{Grant, Permission, Workflow, WorkflowId};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::body::{Asked, WorkflowBody, writing};
use crate::known::Named;
use crate::view::WorkflowView;

/// Changes an automation, or pauses it and lets it go on (`is_active`, `is_enabled`, `status`).
///
/// Whoever changes what it does, or lets it go on, must be permitted all of it; it acts within their rows from then on. Runs
/// under way end on the revision they began with; while it is paused they stand still, for 30 days at most. With
/// `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/automation/{id}", tag = "automation",
    params(("id" = WorkflowId, Path)),
    request_body = WorkflowBody,
    responses((status = 200, body = Envelope<WorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn automation_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    if_match: IfMatch,
    Body(body): Body<WorkflowBody>,
) -> Result<Versioned<WorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let workflow = changed(&app, &signed_in, &grant, id, if_match, &body.read()).await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

/// Writes what changes of an automation.
pub(crate) async fn changed(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    id: WorkflowId,
    if_match: IfMatch,
    asked: &Asked,
) -> Result<Workflow, Problem> {
    let zone = app.organization(grant).await?.time_zone();
    if asked.names_actions() {
        let workflow: Workflow = app.table().get(grant, id).await?;
        let steps = asked.clone().patch(&workflow, &zone)?.steps.unwrap_or_default();
        Named::in_steps(&steps, "actions").check(app, grant).await?;
    }
    let writing = writing(signed_in, &zone, app.now());
    change(app, grant, id, if_match, &asked.writing(), |workflow: Workflow| {
        let patch = asked.clone().patch(&workflow, &zone)?;
        Ok(workflow.update(patch, &writing)?)
    })
    .await
}

/// Changes a workflow: the same as `PUT /automation/{id}`.
#[utoipa::path(
    put, path = "/automation/workflows/{id}", tag = "automation",
    params(("id" = WorkflowId, Path)),
    request_body = WorkflowBody,
    responses((status = 200, body = Envelope<WorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn workflow_update(
    state: State<App>,
    signed_in: SignedIn,
    id: PathId<WorkflowId>,
    if_match: IfMatch,
    body: Body<WorkflowBody>,
) -> Result<Versioned<WorkflowView>, Problem> {
    automation_update(state, signed_in, id, if_match, body).await
}

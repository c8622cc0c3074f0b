//! `POST /automation`, `POST /automation/workflows`.

use axum::extract::State;
use domain::automation::{MAX_WORKFLOWS, WorkflowDetails, WorkflowTemplate};
use domain::{Grant, Permission, Workflow, WorkflowId};
use web::room::room_for;
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use crate::body::{WorkflowBody, writing};
use crate::known::Named;
use crate::view::WorkflowView;

/// Makes a rule. It acts within your rows, and each of its actions needs the permission that you would need for it. It is
/// set going from within half a minute on. Costs 1 Query and 1 transaction.
#[utoipa::path(
    post, path = "/automation", tag = "automation", request_body = WorkflowBody,
    responses((status = 201, body = Envelope<WorkflowView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn automation_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<WorkflowBody>,
) -> Result<Created<WorkflowView>, Problem> {
    create(&app, &signed_in, body, "/automation").await
}

/// Makes a workflow: the same as `POST /automation`.
#[utoipa::path(
    post, path = "/automation/workflows", tag = "automation", request_body = WorkflowBody,
    responses((status = 201, body = Envelope<WorkflowView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn workflow_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<WorkflowBody>,
) -> Result<Created<WorkflowView>, Problem> {
    create(&app, &signed_in, body, "/automation/workflows").await
}

async fn create(
    app: &App,
    signed_in: &SignedIn,
    body: WorkflowBody,
    place: &str,
) -> Result<Created<WorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let details = body.read().details(&zone)?;
    made(app, signed_in, &grant, details, None, place).await
}

/// Writes a new automation, where there is room for one.
pub(crate) async fn made(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    details: WorkflowDetails,
    template: Option<WorkflowTemplate>,
    place: &str,
) -> Result<Created<WorkflowView>, Problem> {
    let workflow = written(app, signed_in, grant, details, template).await?;
    let (version, location) = (workflow.meta.version, format!("{place}/{}", workflow.id));
    Ok(Created { data: workflow.into(), location, version })
}

/// The same, as the record it is.
pub(crate) async fn written(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    details: WorkflowDetails,
    template: Option<WorkflowTemplate>,
) -> Result<Workflow, Problem> {
    let zone = app.organization(grant).await?.time_zone();
    let now = app.now();
    let id = WorkflowId::at(now, app.platform().random());
    let writing = writing(signed_in, &zone, now);
    let change = Workflow::create(id, grant.organization(), details, template, &writing)?;
    Named::in_steps(&change.after.steps, "actions").check(app, grant).await?;
    room(app, grant).await?;
    Ok(app.table().commit(grant, change).await?)
}

/// Refuses one more automation where there are as many as there may be: 1 Query.
pub(crate) async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    room_for::<Workflow>(app, grant, MAX_WORKFLOWS, "too_many_workflows", "automations").await
}

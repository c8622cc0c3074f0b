//! `POST /automation/{id}/restore`.

use axum::extract::State;
use domain::{Permission, Workflow, WorkflowId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::create::room;
use crate::view::WorkflowView;

/// Brings a deleted automation back as it was; its runs that ended stay so.
#[utoipa::path(
    post, path = "/automation/{id}/restore", tag = "automation",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<WorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn automation_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
) -> Result<Versioned<WorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let workflow: Workflow = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let zone = app.organization(&grant).await?.time_zone();
    let workflow = app.table().commit(&grant, workflow.restore(&zone, app.now())).await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

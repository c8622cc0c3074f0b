//! `GET /pipelines/{id}`.

use axum::extract::State;
use domain::{LeadPipeline, Permission, PipelineId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::PipelineView;

/// One pipeline.
#[utoipa::path(
    get, path = "/pipelines/{id}", tag = "organization", params(("id" = PipelineId, Path)),
    responses((status = 200, description = "The pipeline.", body = Envelope<PipelineView>)),
)]
pub(crate) async fn pipeline_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<PipelineId>,
) -> Result<Versioned<PipelineView>, Problem> {
    let grant = signed_in.caller.allow(Permission::PipelinesRead)?;
    let pipeline: LeadPipeline = app.table().get(&grant, id).await?;
    let version = pipeline.meta.version;
    Ok(Versioned(pipeline.into(), version))
}

//! `GET /pipelines`.

use axum::extract::State;
use domain::{LeadPipeline, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::PipelineView;
use web::listing::page;

/// A page of pipelines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PipelineList {
    pipelines: Vec<PipelineView>,
    pagination: Pagination,
}

/// The organization's pipelines; today there is one, of leads.
#[utoipa::path(
    get, path = "/pipelines", tag = "organization", params(PageQuery),
    responses((status = 200, description = "A page of pipelines.", body = Envelope<PipelineList>)),
)]
pub(crate) async fn pipeline_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<PipelineList>, Problem> {
    let grant = signed_in.caller.allow(Permission::PipelinesRead)?;
    let (pipelines, pagination) = page(&app, &grant, &params, |_: &LeadPipeline| true).await?;
    Ok(Data(PipelineList { pipelines: pipelines.into_iter().map(PipelineView::from).collect(), pagination }))
}

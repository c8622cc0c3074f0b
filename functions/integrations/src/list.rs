//! `GET /integrations`.

use axum::extract::State;
use domain::{Integration, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{ApiUrl, App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use crate::view::IntegrationView;

/// A page of connections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationList {
    integrations: Vec<IntegrationView>,
    pagination: Pagination,
}

/// The organization's connections to services of others, the newest first.
#[utoipa::path(
    get, path = "/integrations", tag = "integrations", params(PageQuery),
    responses((status = 200, description = "A page of connections.", body = Envelope<IntegrationList>)),
)]
pub(crate) async fn integration_list(
    State(app): State<App>,
    signed_in: SignedIn,
    api: ApiUrl,
    params: Params,
) -> Result<Data<IntegrationList>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let (integrations, pagination) = page(&app, &grant, &params, |_: &Integration| true).await?;
    let integrations = integrations.into_iter().map(|one| IntegrationView::new(one, &api)).collect();
    Ok(Data(IntegrationList { integrations, pagination }))
}

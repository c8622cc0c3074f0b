//! `GET /webhook-endpoints`.

use axum::extract::State;
use domain::{Permission, WebhookEndpoint, WebhookHealth};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::EndpointView;

/// A page of endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEndpointList {
    webhook_endpoints: Vec<EndpointView>,
    pagination: Pagination,
}

/// The organization's webhook endpoints, newest first, and how each of them does. Costs 1 Query and 1 `BatchGetItem`.
#[utoipa::path(
    get, path = "/webhook-endpoints", tag = "webhook endpoints", params(PageQuery),
    responses((status = 200, description = "A page of endpoints.", body = Envelope<WebhookEndpointList>)),
)]
pub(crate) async fn webhook_endpoint_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<WebhookEndpointList>, Problem> {
    let grant = signed_in.caller.allow(Permission::WebhookEndpointsRead)?;
    let (endpoints, pagination) = page(&app, &grant, &params, |_: &WebhookEndpoint| true).await?;
    let ids: Vec<_> = endpoints.iter().map(|endpoint| WebhookHealth::id_of(endpoint.id)).collect();
    let mut health = app.table().get_many::<WebhookHealth>(&grant, &ids).await?;
    let shown = endpoints.into_iter().map(|endpoint| {
        let health = health.remove(&WebhookHealth::id_of(endpoint.id));
        EndpointView::new(endpoint, health)
    });
    Ok(Data(WebhookEndpointList { webhook_endpoints: shown.collect(), pagination }))
}

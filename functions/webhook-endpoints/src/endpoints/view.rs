//! `GET /webhook-endpoints/{id}`.

use axum::extract::State;
use domain::{Permission, WebhookEndpoint, WebhookEndpointId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{EndpointView, shown};

/// One webhook endpoint, and how it does. Costs 2 reads.
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}", tag = "webhook endpoints", params(("id" = WebhookEndpointId, Path)),
    responses((status = 200, description = "The endpoint.", body = Envelope<EndpointView>)),
)]
pub(crate) async fn webhook_endpoint_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Versioned<EndpointView>, Problem> {
    let grant = signed_in.caller.allow(Permission::WebhookEndpointsRead)?;
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    let version = endpoint.meta.version;
    Ok(Versioned(shown(&app, &grant, endpoint).await?, version))
}

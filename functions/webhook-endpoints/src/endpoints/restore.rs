//! `POST /webhook-endpoints/{id}/restore`.

use axum::extract::State;
use domain::{Permission, WebhookEndpoint, WebhookEndpointId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{EndpointView, room, shown};
use crate::allowed;

/// Brings a deleted endpoint back as it was. Costs 2 reads, 1 Query and 1 transaction.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/restore", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path)),
    responses((status = 200, description = "As it is now.", body = Envelope<EndpointView>)),
)]
pub(crate) async fn webhook_endpoint_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Versioned<EndpointView>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let endpoint: WebhookEndpoint = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let endpoint = app.table().commit(&grant, endpoint.restore(app.now())).await?;
    let version = endpoint.meta.version;
    Ok(Versioned(shown(&app, &grant, endpoint).await?, version))
}

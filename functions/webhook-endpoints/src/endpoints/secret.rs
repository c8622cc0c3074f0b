//! `GET /webhook-endpoints/{id}/secret`.

use axum::extract::State;
use domain::{Permission, WebhookEndpoint, WebhookEndpointId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, Secret, SignedIn};

use super::commit;
use crate::allowed;

/// What an endpoint's calls are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEndpointSecret {
    id: WebhookEndpointId,
    /// The secret, as libraries of Standard Webhooks take it.
    #[schema(pattern = "^whsec_")]
    secret: String,
}

impl From<&WebhookEndpoint> for WebhookEndpointSecret {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        Self { id: endpoint.id, secret: endpoint.secret.text().to_owned() }
    }
}

/// Shows what an endpoint's calls are signed with. That it was shown, and to whom, stands in the audit log before the
/// answer is given. Costs 1 read and 1 transaction.
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}/secret", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path)),
    responses((status = 200, description = "The secret.", body = Envelope<WebhookEndpointSecret>)),
)]
pub(crate) async fn webhook_endpoint_secret(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Secret<Data<WebhookEndpointSecret>>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsReveal)?;
    let now = app.now();
    let endpoint = commit(&app, &grant, id, |endpoint| endpoint.revealed(now)).await?;
    Ok(Secret(Data((&endpoint).into())))
}

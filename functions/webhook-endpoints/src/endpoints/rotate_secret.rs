//! `POST /webhook-endpoints/{id}/rotate-secret`.

use axum::extract::State;
use domain::webhook::WebhookSecret;
use domain::{Permission, WebhookEndpointId};
use web::{App, Data, Envelope, PathId, Problem, Secret, SignedIn};

use super::commit;
use super::secret::WebhookEndpointSecret;
use crate::allowed;

/// Gives an endpoint a new secret, which is shown. For 24 hours each call carries the signatures of both, so that the
/// receiver may change over at any moment of them; a secret before the old one signs no more.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/rotate-secret", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path)),
    responses((status = 200, description = "Rotated.", body = Envelope<WebhookEndpointSecret>)),
)]
pub(crate) async fn webhook_endpoint_rotate_secret(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Secret<Data<WebhookEndpointSecret>>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsReveal)?;
    let (now, secret) = (app.now(), WebhookSecret::new(app.platform().random()));
    let endpoint = commit(&app, &grant, id, |endpoint| endpoint.rotate(secret.clone(), now)).await?;
    Ok(Secret(Data((&endpoint).into())))
}

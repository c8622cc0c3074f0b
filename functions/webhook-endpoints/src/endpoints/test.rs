//! `POST /webhook-endpoints/{id}/test`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::{Permission, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::allowed;
use crate::deliveries::{DeliveryView, told};

/// Sends an endpoint a `webhook.test`, also while it rests: 202 with the delivery to watch. 409 `endpoint_disabled` where
/// it is told nothing. Costs 1 read, 1 write and 1 message.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/test", tag = "webhook endpoints", params(("id" = WebhookEndpointId, Path)),
    responses((status = 202, description = "It is on its way.", body = Envelope<DeliveryView>)),
)]
pub(crate) async fn webhook_endpoint_test(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<(StatusCode, Data<DeliveryView>), Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    told(&endpoint)?;
    let now = app.now();
    let delivery = WebhookDeliveryId::at(now, app.platform().random());
    let change = WebhookDelivery::of_test(grant.organization(), delivery, id, now);
    let view = change.after.clone().into();
    let step = app.platform().write_delivery(&grant, change).await?;
    app.platform().send_webhooks(&[step]).await;
    Ok((StatusCode::ACCEPTED, Data(view)))
}

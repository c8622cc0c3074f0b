//! `POST /webhook-endpoints/{id}/deliveries/{delivery_id}/resend`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::webhook::WebhookStep;
use domain::{Permission, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId};
use store::{CommitError, Refused};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::{DeliveryView, delivery_of, told};
use crate::allowed;

/// Tries against the worker, which may be at it.
const TRIES: usize = 4;

/// Sends a delivery again under its id, whether or not it got through, and also while its endpoint rests: 202. It is tried
/// as often as a new one. 409 `endpoint_disabled` where the endpoint is told nothing. Costs 2 reads, 1 write and 1
/// message.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/deliveries/{delivery_id}/resend", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path), ("delivery_id" = WebhookDeliveryId, Path)),
    responses((status = 202, description = "It is on its way.", body = Envelope<DeliveryView>)),
)]
pub(crate) async fn webhook_delivery_resend(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId((id, delivery)): PathId<(WebhookEndpointId, WebhookDeliveryId)>,
) -> Result<(StatusCode, Data<DeliveryView>), Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    for _ in 0..TRIES {
        let delivery = delivery_of(&app, &grant, id, delivery).await?;
        told(&endpoint)?;
        match app.table().commit_unseen(&grant, delivery.again(true, app.now())).await {
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            committed => {
                let delivery = committed?;
                let step = WebhookStep::Deliver { organization: grant.organization(), delivery: delivery.id };
                app.platform().send_webhooks(&[step]).await;
                return Ok((StatusCode::ACCEPTED, Data(delivery.into())));
            }
        }
    }
    Err(Refused::Conflict.into())
}

//! `GET /webhook-endpoints/{id}/deliveries/{delivery_id}`.

use axum::extract::State;
use domain::webhook::{Attempt, EventMessage};
use domain::{Permission, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId};
use serde::Serialize;
use store::there;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{DeliveryView, delivery_of};
use crate::allowed;

/// One delivery, with what was sent and what was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDeliveryDetail {
    #[serde(flatten)]
    delivery: DeliveryView,
    /// What it says; what the endpoint gets and you do not see in the clear is masked. `null` for a test, and where the
    /// event went with its record.
    #[schema(required)]
    message: Option<EventMessage>,
    /// What came of the last ten tries, the oldest first.
    attempts: Vec<Attempt>,
}

/// One delivery, with its tries: what the endpoint answered, how long it took. Costs 3 reads.
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}/deliveries/{delivery_id}", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path), ("delivery_id" = WebhookDeliveryId, Path)),
    responses((status = 200, description = "The delivery.", body = Envelope<WebhookDeliveryDetail>)),
)]
pub(crate) async fn webhook_delivery_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId((id, delivery)): PathId<(WebhookEndpointId, WebhookDeliveryId)>,
) -> Result<Versioned<WebhookDeliveryDetail>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsRead)?;
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    let delivery = delivery_of(&app, &grant, id, delivery).await?;
    let message = match &delivery.event {
        Some(event) => there(app.table().event_at(&grant, &event.subject, event.version).await)?,
        None => None,
    };
    let clear = endpoint.clear.and(grant.clear());
    let version = delivery.meta.version;
    let WebhookDelivery { attempts, .. } = delivery.clone();
    let message = message.map(|event| EventMessage::of(event, clear));
    Ok(Versioned(WebhookDeliveryDetail { delivery: delivery.into(), message, attempts }, version))
}

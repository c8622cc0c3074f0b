//! What endpoints were sent.

pub(crate) mod list;
pub(crate) mod resend;
pub(crate) mod view;

use domain::webhook::DeliveryStatus;
use domain::{EventId, Grant, Meta, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId};
use jiff::Timestamp;
use serde::Serialize;
use store::ReadError;
use utoipa::ToSchema;
use web::{App, Problem};

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryView {
    /// The `webhook-id` of every try.
    id: WebhookDeliveryId,
    endpoint_id: WebhookEndpointId,
    /// The event; `null` where somebody tried the endpoint out.
    #[schema(required)]
    event_id: Option<EventId>,
    /// The event's record.
    #[schema(required)]
    subject: Option<String>,
    /// The event's type.
    r#type: String,
    status: DeliveryStatus,
    /// Why it was given up: `too_many_tries`, `endpoint_disabled`, or `event_gone` with its record.
    #[schema(required)]
    reason: Option<String>,
    /// How often it was tried, since somebody last asked for it.
    tries: u32,
    /// When it is tried again; `null` where it has ended, or waits for an endpoint that rests.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_try_at: Option<Timestamp>,
    /// Whether it waits for its endpoint, which rests.
    waiting: bool,
    /// The status of the last answer.
    #[schema(required)]
    last_status: Option<u16>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(delivery: WebhookDelivery) -> Self {
        let WebhookDelivery {
            meta: Meta { created_at, .. },
            id,
            endpoint,
            event,
            kind,
            at: _,
            status,
            reason,
            tries,
            next_try_at,
            lease_until: _,
            parked,
            asked_for: _,
            attempts,
            finished_at,
        } = delivery;
        let (event_id, subject) = event.map(|event| (event.id, event.subject)).unzip();
        let tried_again = status == DeliveryStatus::Pending && !parked;
        Self {
            id,
            endpoint_id: endpoint,
            event_id,
            subject,
            r#type: kind,
            status,
            reason,
            tries,
            next_try_at: tried_again.then_some(next_try_at),
            waiting: parked,
            last_status: attempts.last().and_then(|attempt| attempt.status),
            created_at,
            finished_at,
        }
    }
}

/// A delivery of this endpoint: 1 read. Another endpoint's is not there.
async fn delivery_of(
    app: &App,
    grant: &Grant,
    endpoint: WebhookEndpointId,
    id: WebhookDeliveryId,
) -> Result<WebhookDelivery, ReadError> {
    let delivery: WebhookDelivery = app.table().get_to_change(grant, id).await?;
    if delivery.endpoint == endpoint { Ok(delivery) } else { Err(ReadError::NotFound) }
}

/// Refuses to send to an endpoint that is told nothing.
pub(crate) fn told(endpoint: &WebhookEndpoint) -> Result<(), Problem> {
    if endpoint.is_enabled() {
        return Ok(());
    }
    Err(Problem::conflict("endpoint_disabled", "The webhook endpoint is turned off; turn it on first."))
}

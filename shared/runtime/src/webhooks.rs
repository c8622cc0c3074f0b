//! Telling machines: what the follower of the table, the clock, people and the worker have in common.

use std::sync::Arc;
use std::time::Duration;

use domain::webhook::{MAX_ENDPOINTS, WebhookStep};
use domain::{
    Change, Event, EventId, Grant, Slot, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId,
};
use jiff::{SignedDuration, Timestamp};
use store::{CommitError, ListQuery, Refused, StoreError};

use crate::Platform;

/// How long an organization's endpoints that were read are believed.
pub const ENDPOINTS_BELIEVED: SignedDuration = SignedDuration::from_secs(10);
/// SQS holds a message back for so long at most; what rests longer is found by the clock.
const HELD_BACK: SignedDuration = SignedDuration::from_mins(15);

impl Platform {
    /// The organization's endpoints that are told, as they were within the last 10 seconds: 1 Query, or nothing.
    pub async fn enabled_endpoints(&self, grant: &Grant) -> Result<Arc<Vec<WebhookEndpoint>>, StoreError> {
        let (organization, now) = (grant.organization(), self.now());
        if let Some(known) = self.endpoints().get(organization, now) {
            return Ok(known);
        }
        let query = ListQuery::new(Slot::Two, "enabled", "", MAX_ENDPOINTS);
        let endpoints = Arc::new(self.table().list::<WebhookEndpoint>(grant, &query, |_| true).await?.records);
        self.endpoints().put(organization, Arc::clone(&endpoints), now + ENDPOINTS_BELIEVED);
        Ok(endpoints)
    }

    /// The id of the delivery of this event to this endpoint, and of no other; `at` is when the event happened.
    pub fn delivery_id(&self, event: EventId, at: Timestamp, endpoint: WebhookEndpointId) -> WebhookDeliveryId {
        let bits = self.table().hash_key().id_bits(&["webhook_delivery", &event.to_string(), &endpoint.to_string()]);
        WebhookDeliveryId::at(at, bits)
    }

    /// Writes the delivery of an event to an endpoint, once: 1 write. What its queue is to carry, whether or not it was
    /// there: one that is there may have lost its message, and whoever brings it twice does no harm.
    pub async fn begin_delivery(
        &self,
        grant: &Grant,
        event: &Event,
        endpoint: WebhookEndpointId,
    ) -> Result<WebhookStep, CommitError> {
        let id = self.delivery_id(event.id, event.at, endpoint);
        self.write_delivery(grant, WebhookDelivery::of(event, id, endpoint, self.now())).await
    }

    /// The same of any delivery.
    pub async fn write_delivery(
        &self,
        grant: &Grant,
        change: Change<WebhookDelivery>,
    ) -> Result<WebhookStep, CommitError> {
        let step = WebhookStep::Deliver { organization: grant.organization(), delivery: change.after.id };
        match self.table().commit(grant, change).await {
            Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => Ok(step),
            Err(error) => Err(error),
        }
    }

    /// Hands steps to their queue. One that it does not take is found by the clock.
    pub async fn send_webhooks(&self, steps: &[WebhookStep]) {
        if steps.is_empty() {
            return;
        }
        let sent = match self.webhook_deliveries() {
            Ok(queue) => queue.send_all(steps).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::warn!(steps = steps.len(), error, "the clock will queue webhooks");
        }
    }

    /// Hands a step to its queue for a later moment, where that is near enough; else the clock finds it.
    pub async fn send_webhook_at(&self, step: WebhookStep, at: Timestamp) {
        let rest = at.duration_since(self.now());
        let Ok(delay) = Duration::try_from(rest) else { return };
        if rest > HELD_BACK {
            return;
        }
        // To the second that is not too early.
        let delay = delay + Duration::from_millis(999);
        let sent = match self.webhook_deliveries() {
            Ok(queue) => queue.send_after(&step, delay).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::warn!(error, "the clock will queue a webhook");
        }
    }
}

//! Webhooks: telling machines of organizations what happened.
//!
//! An organization names [endpoints](WebhookEndpoint), each with the types of events that it wants. Every event that an
//! endpoint wants becomes one [delivery](WebhookDelivery), which is tried until the machine takes it or the last try has
//! failed, [signed](WebhookSecret) as the [Standard Webhooks](https://www.standardwebhooks.com) specification asks, under
//! one id at each try. Order is not promised.
//!
//! What is wrong with an endpoint is kept [beside it](WebhookHealth). One that fails again and again rests: its
//! deliveries wait with it, and cost nobody else a moment, until one of them that is sent ahead gets through.

mod delivery;
mod endpoint;
mod headers;
mod health;
mod message;
mod pattern;
mod recovery;
mod secret;
mod url;

use std::num::NonZeroU32;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{OrganizationId, WebhookDeliveryId, WebhookEndpointId, WebhookRecoveryId};

pub use delivery::{Attempt, DeliveredEvent, DeliveryStatus, MAX_ATTEMPTS, MAX_TRIES, RESTS, WebhookDelivery};
pub use endpoint::{DisabledReason, EndpointDetails, EndpointPatch, PreviousSecret, WebhookEndpoint};
pub use headers::WebhookHeaders;
pub use health::{HOPELESS, Standing, TRIPS_AT, WebhookHealth};
pub use message::{EventActor, EventData, EventMessage};
pub use pattern::{EventPattern, EventPatterns};
pub use recovery::{RecoveryStatus, WebhookRecovery};
pub use secret::WebhookSecret;
pub use url::WebhookUrl;

/// An organization has at most so many endpoints.
pub const MAX_ENDPOINTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(20 - 1);
/// Events are found in one list, and deliveries kept, for so long.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// After a rotation the old secret signs beside the new one for so long.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// A step that nobody took up is queued again after this time: its queue may have lost it. Whoever took it up has it to
/// themselves for as long, which is longer than a worker lives.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// What the clock queued again is left to its queue for this long.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// What the queue of webhooks carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum WebhookStep {
    /// A delivery is to be tried.
    Deliver {
        /// The tenant.
        organization: OrganizationId,
        /// The delivery.
        delivery: WebhookDeliveryId,
    },
    /// What waits for an endpoint is to be looked at.
    Release {
        /// The tenant.
        organization: OrganizationId,
        /// The endpoint.
        endpoint: WebhookEndpointId,
    },
    /// A recovery goes on.
    Recover {
        /// The tenant.
        organization: OrganizationId,
        /// The recovery.
        recovery: WebhookRecoveryId,
    },
}

#[cfg(test)]
mod tests;

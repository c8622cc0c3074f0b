//! Sending again what endpoints missed.

pub(crate) mod start;
pub(crate) mod view;

use domain::webhook::RecoveryStatus;
use domain::{Meta, UserId, WebhookEndpointId, WebhookRecovery, WebhookRecoveryId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A sending again of what an endpoint missed, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookRecovery)]
pub(crate) struct RecoveryView {
    id: WebhookRecoveryId,
    endpoint_id: WebhookEndpointId,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// What happens later is delivered anyway.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    status: RecoveryStatus,
    /// Events so far that the endpoint wants.
    events: u32,
    /// Those of them that it had not got, and is sent now.
    sent: u32,
    started_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

impl From<WebhookRecovery> for RecoveryView {
    fn from(recovery: WebhookRecovery) -> Self {
        let WebhookRecovery {
            meta: Meta { created_at, .. },
            id,
            endpoint,
            since,
            until,
            place: _,
            status,
            seen,
            sent,
            lease_until: _,
            started_by,
            finished_at,
        } = recovery;
        Self {
            id,
            endpoint_id: endpoint,
            since,
            until,
            status,
            events: seen,
            sent,
            started_by,
            started_at: created_at,
            finished_at,
        }
    }
}

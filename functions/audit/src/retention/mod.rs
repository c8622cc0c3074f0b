//! How long things are kept.

pub(crate) mod update;
pub(crate) mod view;

use domain::RetentionPolicy;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How long the organization keeps things. The audit log is not among them: its entries are never deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionPolicyView {
    /// Days that security events and suspicious activities are kept.
    #[schema(minimum = 30, maximum = 2555)]
    security_events_days: u16,
    /// When what is older goes next.
    #[schema(value_type = String, format = DateTime)]
    next_run_at: Timestamp,
}

impl From<RetentionPolicy> for RetentionPolicyView {
    fn from(RetentionPolicy { meta: _, id: _, security_events_days, next_run_at }: RetentionPolicy) -> Self {
        Self { security_events_days, next_run_at }
    }
}

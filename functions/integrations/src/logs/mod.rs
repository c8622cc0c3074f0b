//! What connections to services of others did.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod view;

use domain::integration_log::IntegrationOutcome;
use domain::{Grant, IntegrationId, IntegrationLog, IntegrationLogId, Label, Line, Prose, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::deliveries::sees_all;

/// A row of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IntegrationLog)]
pub(crate) struct LogView {
    id: IntegrationLogId,
    /// The service, or the part of it.
    integration_name: Label,
    /// The connection, where it is one of the organization's.
    #[schema(required)]
    integration_id: Option<IntegrationId>,
    /// What was done.
    activity_type: Line<80>,
    #[schema(required)]
    description: Option<Prose<2_000>>,
    status: IntegrationOutcome,
    /// What was asked, without secrets; `null` for those who see some fields of people masked.
    #[schema(value_type = Option<Value>, required)]
    request_data: Option<Value>,
    /// What was answered, likewise.
    #[schema(value_type = Option<Value>, required)]
    response_data: Option<Value>,
    /// How long it took, in milliseconds.
    #[schema(required)]
    execution_time: Option<u32>,
    #[schema(required)]
    records_processed: Option<u32>,
    /// Who told it; `null` where a worker did.
    #[schema(required)]
    created_by: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl LogView {
    /// A row as whoever has the grant sees it.
    pub(crate) fn seen_by(grant: &Grant, log: IntegrationLog) -> Self {
        let all = sees_all(grant);
        let IntegrationLog {
            meta,
            id,
            integration_name,
            integration_id,
            activity_type,
            description,
            status,
            request_data,
            response_data,
            execution_time,
            records_processed,
            created_by,
        } = log;
        Self {
            id,
            integration_name,
            integration_id,
            activity_type,
            description: description.filter(|_| all),
            status,
            request_data: request_data.filter(|_| all),
            response_data: response_data.filter(|_| all),
            execution_time,
            records_processed,
            created_by,
            created_at: meta.created_at,
        }
    }
}

//! A batch of the table's stream as Lambda hands it over, and the answer it takes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A batch of the stream.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StreamEvent {
    /// The changes, those of one partition in their order.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// A change of one item.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StreamRecord {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName", default)]
    pub event_name: String,
    /// Keys, images and sequence number, as `DynamoDB` writes them.
    pub dynamodb: Value,
}

impl StreamRecord {
    /// Its place in the stream.
    pub fn sequence_number(&self) -> &str {
        self.dynamodb.get("SequenceNumber").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Where the stream must go on: from the first failure on everything comes again
/// (`ReportBatchItemFailures` of a stream).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamResponse {
    /// Empty, or the first change that was not dealt with.
    pub batch_item_failures: Vec<StreamFailure>,
}

/// A change that was not dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

impl StreamResponse {
    pub(crate) fn failed_at(record: &StreamRecord) -> Self {
        Self { batch_item_failures: vec![StreamFailure { item_identifier: record.sequence_number().to_owned() }] }
    }
}

//! The answers of DynamoDB that its stand-in never gives by itself.

use dynoxide::DynoxideError;
use dynoxide::errors::CancellationReason;
use serde_json::{Map, Value};

use super::operations::told;

/// The table's rate is exceeded.
pub(super) fn throttled() -> (u16, Vec<u8>) {
    told(&DynoxideError::ProvisionedThroughputExceededException(
        "The level of configured provisioned throughput for the table was exceeded.".to_owned(),
    ))
}

/// Another transaction holds the (first) item.
pub(super) fn conflict(operation: &str, body: &[u8]) -> (u16, Vec<u8>) {
    if !operation.starts_with("Transact") {
        let body = br#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"Transaction is ongoing for the item"}"#;
        return (400, body.to_vec());
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
    let reasons = (0..items).map(|place| CancellationReason {
        code: if place == 0 { "TransactionConflict" } else { "None" }.to_owned(),
        message: (place == 0).then(|| "Transaction is ongoing for the item".to_owned()),
        item: None,
    });
    told(&DynoxideError::TransactionCanceledException(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]"
            .to_owned(),
        reasons.collect(),
    ))
}

/// Does the first half of each table's part of a batch and hands the rest back as unprocessed.
pub(super) fn half(body: &[u8], run: impl FnOnce(&[u8]) -> dynoxide::Result<Vec<u8>>) -> dynoxide::Result<Vec<u8>> {
    let failed = |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let mut request: Value = serde_json::from_slice(body).map_err(failed)?;
    let mut left = Map::new();
    for (table, part) in request.get_mut("RequestItems").and_then(Value::as_object_mut).into_iter().flatten() {
        let rest = match part {
            Value::Array(writes) => Value::Array(writes.split_off(writes.len().div_ceil(2))),
            Value::Object(reads) => {
                let mut rest = reads.clone();
                let keys = reads.get_mut("Keys").and_then(Value::as_array_mut);
                rest["Keys"] =
                    keys.map(|keys| Value::Array(keys.split_off(keys.len().div_ceil(2)))).unwrap_or_default();
                Value::Object(rest)
            }
            _ => continue,
        };
        if rest.as_array().or_else(|| rest["Keys"].as_array()).is_some_and(|rest| !rest.is_empty()) {
            left.insert(table.clone(), rest);
        }
    }
    let answer = run(&serde_json::to_vec(&request).map_err(failed)?)?;
    let mut answer: Value = serde_json::from_slice(&answer).map_err(failed)?;
    for unprocessed in ["UnprocessedItems", "UnprocessedKeys"] {
        if let Some(unprocessed) = answer.get_mut(unprocessed).and_then(Value::as_object_mut) {
            unprocessed.extend(std::mem::take(&mut left));
        }
    }
    serde_json::to_vec(&answer).map_err(failed)
}

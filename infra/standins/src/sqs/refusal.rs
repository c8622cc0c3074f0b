use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::json;

use super::JSON;
use crate::http as wire;

/// An error as SQS tells it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    /// The error's name in the JSON protocol, which is the SDK's.
    name: &'static str,
    /// Its older name, which `x-amzn-query-error` carries.
    code: &'static str,
    message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl Refusal {
    fn new(name: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, name, code, message: message.into() }
    }

    pub(super) fn no_queue() -> Self {
        Self::new("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    }

    pub(super) fn missing(member: &str) -> Self {
        let message = format!("The request must contain the parameter {member}.");
        Self::new("MissingParameter", "MissingParameter", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", "InvalidParameterValue", message)
    }

    pub(super) fn bad_receipt() -> Self {
        Self::new("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    }

    pub(super) fn not_in_flight() -> Self {
        Self::new(
            "MessageNotInflight",
            "AWS.SimpleQueueService.MessageNotInflight",
            "The message referred to isn't in flight.",
        )
    }

    pub(super) fn empty_batch() -> Self {
        Self::new(
            "EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        )
    }

    pub(super) fn batch_too_long() -> Self {
        Self::new(
            "TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        )
    }

    pub(super) fn equal_ids() -> Self {
        Self::new(
            "BatchEntryIdsNotDistinct",
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        )
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", "no such operation here")
    }

    pub(super) fn malformed() -> Self {
        Self::new("InvalidParameterValue", "InvalidParameterValue", "the body is not JSON")
    }

    pub(super) fn throttled() -> Self {
        Self::new("RequestThrottled", "RequestThrottled", "The request was denied due to request throttling.")
    }

    pub(super) fn response(&self) -> HttpResponse {
        let body = json!({"__type": format!("com.amazonaws.sqs#{}", self.name), "message": self.message});
        let mut response = wire::response(self.status, JSON, body.to_string());
        response.headers_mut().insert("x-amzn-query-error", format!("{};Sender", self.code));
        response
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "sqs");
        Self { status: 500, name: "InternalError", code: "InternalError", message: error.to_string() }
    }
}

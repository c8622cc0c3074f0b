use serde_json::{Value, json};

use super::Queues;
use super::refusal::Refusal;
use crate::Fault;

/// What SQS can be asked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateQueue,
    GetQueueUrl,
    ListQueues,
    GetQueueAttributes,
    SetQueueAttributes,
    PurgeQueue,
    SendMessage,
    SendMessageBatch,
    ReceiveMessage,
    DeleteMessage,
    DeleteMessageBatch,
    ChangeMessageVisibility,
    StartMessageMoveTask,
}

const ALL: [Operation; 13] = [
    Operation::ReceiveMessage,
    Operation::SendMessage,
    Operation::DeleteMessage,
    Operation::SendMessageBatch,
    Operation::DeleteMessageBatch,
    Operation::ChangeMessageVisibility,
    Operation::GetQueueAttributes,
    Operation::CreateQueue,
    Operation::GetQueueUrl,
    Operation::ListQueues,
    Operation::SetQueueAttributes,
    Operation::PurgeQueue,
    Operation::StartMessageMoveTask,
];

impl Operation {
    /// The operation an `x-amz-target` header names, such as `AmazonSQS.SendMessage`.
    pub(super) fn of_target(target: &str) -> Option<Self> {
        let name = target.strip_prefix("AmazonSQS.")?;
        ALL.into_iter().find(|operation| operation.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CreateQueue => "CreateQueue",
            Self::GetQueueUrl => "GetQueueUrl",
            Self::ListQueues => "ListQueues",
            Self::GetQueueAttributes => "GetQueueAttributes",
            Self::SetQueueAttributes => "SetQueueAttributes",
            Self::PurgeQueue => "PurgeQueue",
            Self::SendMessage => "SendMessage",
            Self::SendMessageBatch => "SendMessageBatch",
            Self::ReceiveMessage => "ReceiveMessage",
            Self::DeleteMessage => "DeleteMessage",
            Self::DeleteMessageBatch => "DeleteMessageBatch",
            Self::ChangeMessageVisibility => "ChangeMessageVisibility",
            Self::StartMessageMoveTask => "StartMessageMoveTask",
        }
    }

    /// Receiving changes the queue too: it hides what it gives.
    pub(super) fn writes(self) -> bool {
        !matches!(self, Self::GetQueueUrl | Self::ListQueues | Self::GetQueueAttributes)
    }

    /// Whether a fault means anything to this operation.
    pub(super) fn admits(self, fault: Fault) -> bool {
        match fault {
            Fault::Conflict => false,
            Fault::Partial => matches!(self, Self::SendMessageBatch | Self::DeleteMessageBatch),
            Fault::Lost | Fault::Unanswered | Fault::Throttled | Fault::CrashBefore | Fault::CrashAfter => true,
        }
    }

    pub(super) fn run(self, queues: &Queues, request: &Value) -> Result<Value, Refusal> {
        match self {
            Self::CreateQueue => queues.create(request),
            Self::GetQueueUrl => queues.url_of(request),
            Self::ListQueues => queues.list(request),
            Self::GetQueueAttributes => queues.attributes(request),
            Self::SetQueueAttributes => queues.set_attributes(request),
            Self::PurgeQueue => queues.purge(request),
            Self::SendMessage => queues.send(request),
            Self::SendMessageBatch => queues.send_batch(request),
            Self::ReceiveMessage => queues.receive(request),
            Self::DeleteMessage => queues.delete(request),
            Self::DeleteMessageBatch => queues.delete_batch(request),
            Self::ChangeMessageVisibility => queues.change_visibility(request),
            Self::StartMessageMoveTask => queues.move_back(request),
        }
    }
}

/// Takes the second half of a batch out of its request.
pub(super) fn second_half(request: &mut Value) -> Vec<Value> {
    let entries = request.get_mut("Entries").and_then(Value::as_array_mut);
    entries.map(|entries| entries.split_off(entries.len().div_ceil(2))).unwrap_or_default()
}

/// Reports the entries taken out of a batch as failed on the service's side.
pub(super) fn report_failed(answer: &mut Value, entries: &[Value]) {
    if let Some(failed) = answer.get_mut("Failed").and_then(Value::as_array_mut) {
        failed.extend(entries.iter().map(|entry| {
            json!({"Id": entry["Id"], "SenderFault": false, "Code": "InternalError", "Message": "injected fault"})
        }));
    }
}

//! Queues: messages are small JSON values that name records; what is large lies in files.

use std::marker::PhantomData;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde::Serialize;

/// SQS delays a message for so many seconds at most.
const MAX_DELAY: u64 = 900;

/// A queue of messages of one type.
#[derive(Debug, Clone)]
pub struct Queue<M> {
    client: Client,
    url: String,
    message: PhantomData<fn(M)>,
}

/// A message could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue could not be reached or refused; the same call may go through later.
    #[error("the queue did not take {left} messages: {cause}")]
    NotTaken {
        /// How many it did not take.
        left: usize,
        /// Its words.
        cause: String,
    },
    /// A message cannot be written as JSON: a fault of ours.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

impl<M: Serialize> Queue<M> {
    /// The queue at this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into(), message: PhantomData }
    }

    /// Sends one message: 1 request.
    pub async fn send(&self, message: &M) -> Result<(), QueueError> {
        let body = serde_json::to_string(message)?;
        self.client.send_message().queue_url(&self.url).message_body(body).send().await.map_err(|error| {
            let cause = aws_smithy_types::error::display::DisplayErrorContext(&error).to_string();
            QueueError::NotTaken { left: 1, cause }
        })?;
        Ok(())
    }

    /// Sends one message that is handed out after `delay`, at most 15 minutes: 1 request.
    pub async fn send_after(&self, message: &M, delay: Duration) -> Result<(), QueueError> {
        let body = serde_json::to_string(message)?;
        let seconds = i32::try_from(delay.as_secs().min(MAX_DELAY)).unwrap_or_default();
        let request = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        request.send().await.map_err(|error| {
            let cause = aws_smithy_types::error::display::DisplayErrorContext(&error).to_string();
            QueueError::NotTaken { left: 1, cause }
        })?;
        Ok(())
    }

    /// Sends many: 1 request for each 10.
    pub async fn send_all(&self, messages: &[M]) -> Result<(), QueueError> {
        for chunk in messages.chunks(10) {
            let mut request = self.client.send_message_batch().queue_url(&self.url);
            for (number, message) in chunk.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(number.to_string())
                    .message_body(serde_json::to_string(message)?)
                    .build()
                    .map_err(|error| QueueError::NotTaken { left: chunk.len(), cause: error.to_string() })?;
                request = request.entries(entry);
            }
            let answer = request.send().await.map_err(|error| {
                let cause = aws_smithy_types::error::display::DisplayErrorContext(&error).to_string();
                QueueError::NotTaken { left: chunk.len(), cause }
            })?;
            if let Some(first) = answer.failed.first() {
                return Err(QueueError::NotTaken { left: answer.failed.len(), cause: first.code.clone() });
            }
        }
        Ok(())
    }
}

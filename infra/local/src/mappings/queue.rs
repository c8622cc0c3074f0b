//! A queue calls a function.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName};
use standins::Sqs;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::UnderWay;
use super::receipts::Receipts;
use crate::functions::QueueWorker;
use crate::invoke;
use crate::stop::Stop;
use crate::template::QueueMapping;

/// How long one look at an empty queue waits; a stop waits as long.
const WAIT_SECONDS: i32 = 1;
/// After a receive that failed.
const PAUSE: Duration = Duration::from_millis(100);
/// What one call to a queue may carry.
const CALL: usize = 10;
/// More calls at once than this a machine does not gain by.
const MOST_CALLS: usize = 16;

/// A queue, its function, and how it stands between them.
pub(crate) struct QueueReader {
    mapping: QueueMapping,
    url: String,
    arn: String,
    client: Client,
    worker: QueueWorker,
    timeout: Duration,
    receipts: Receipts,
    under_way: UnderWay,
    /// Messages that failed and wait, hidden, for their next try.
    given_back: Mutex<HashSet<String>>,
}

impl QueueReader {
    pub(crate) async fn open(
        mapping: QueueMapping,
        client: Client,
        worker: QueueWorker,
        timeout: Duration,
        data: Option<&Path>,
    ) -> std::io::Result<Arc<Self>> {
        let url = Sqs::queue_url(&mapping.queue);
        let receipts = Receipts::open(data, &mapping.queue, &url, &client).await?;
        Ok(Arc::new(Self {
            arn: Sqs::queue_arn(&mapping.queue),
            mapping,
            url,
            client,
            worker,
            timeout,
            receipts,
            under_way: UnderWay::default(),
            given_back: Mutex::default(),
        }))
    }

    /// Whether no message waits to be worked on now and none is being worked on.
    pub(crate) async fn is_idle(&self) -> bool {
        let attributes = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::All)
            .send()
            .await;
        let Ok(attributes) = attributes else { return false };
        let count = |name: QueueAttributeName| {
            let count = attributes.attributes().and_then(|attributes| attributes.get(&name));
            count.and_then(|count| count.parse::<usize>().ok()).unwrap_or(usize::MAX)
        };
        let hidden = self.given_back.lock().unwrap_or_else(PoisonError::into_inner).len();
        count(QueueAttributeName::ApproximateNumberOfMessages) == 0
            && count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible) <= hidden
            && self.under_way.is_none()
    }

    /// Works until it is told to stop, then finishes what is in hand.
    pub(crate) async fn run(self: Arc<Self>, mut stop: Stop) {
        let most = self.mapping.concurrency.min(MOST_CALLS);
        let calls = Arc::new(Semaphore::new(most));
        while !stop.is_told() {
            let Ok(call) = Arc::clone(&calls).acquire_owned().await else { break };
            match self.gather(&stop).await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    let reader = Arc::clone(&self);
                    tokio::spawn(async move {
                        let _under_way = reader.under_way.begin();
                        reader.work(messages).await;
                        drop(call);
                    });
                }
                Err(error) => {
                    tracing::warn!(error, queue = self.mapping.queue, "receive");
                    stop.told_within(PAUSE).await;
                }
            }
        }
        // Every call is over when all permits are back.
        let _all = calls.acquire_many(u32::try_from(most).unwrap_or(u32::MAX)).await;
    }

    /// A batch: what lies there, and with a window what comes within it.
    async fn gather(&self, stop: &Stop) -> Result<Vec<Message>, String> {
        let mut messages = self.receive(self.mapping.batch_size, WAIT_SECONDS).await?;
        let until = Instant::now() + self.mapping.window;
        while !messages.is_empty()
            && messages.len() < self.mapping.batch_size
            && Instant::now() < until
            && !stop.is_told()
        {
            messages.extend(self.receive(self.mapping.batch_size - messages.len(), WAIT_SECONDS).await?);
        }
        Ok(messages)
    }

    async fn receive(&self, most: usize, wait: i32) -> Result<Vec<Message>, String> {
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most.min(CALL)).unwrap_or(1))
            .wait_time_seconds(wait)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await
            .map_err(|error| aws_sdk_sqs::error::DisplayErrorContext(error).to_string())?;
        Ok(received.messages.unwrap_or_default())
    }

    async fn work(&self, messages: Vec<Message>) {
        let in_hand = match self.receipts.keep(messages.iter().filter_map(Message::receipt_handle)) {
            Ok(in_hand) => in_hand,
            Err(error) => {
                tracing::error!(%error, "receipts");
                return;
            }
        };
        {
            let mut given_back = self.given_back.lock().unwrap_or_else(PoisonError::into_inner);
            for id in messages.iter().filter_map(Message::message_id) {
                given_back.remove(id);
            }
        }
        let mut event = SqsEvent::default();
        event.records = messages.iter().map(|message| record(message, &self.arn)).collect();
        let failed: HashSet<String> = match invoke::call(self.timeout, (self.worker)(event)).await {
            Ok(response) if self.mapping.reports_failures => {
                response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
            }
            Ok(_) => HashSet::new(),
            Err(error) => {
                tracing::error!(%error, queue = self.mapping.queue, messages = messages.len(), "a batch failed");
                all(&messages)
            }
        };
        // A name that is none of the batch's means that nothing is known of any of them.
        let known = all(&messages);
        let failed = if failed.is_subset(&known) { failed } else { known };
        let done = messages.iter().filter(|message| message.message_id().is_some_and(|id| !failed.contains(id)));
        self.delete(done).await;
        self.given_back.lock().unwrap_or_else(PoisonError::into_inner).extend(failed);
        drop(in_hand);
    }

    async fn delete(&self, done: impl Iterator<Item = &Message>) {
        let receipts: Vec<_> = done.filter_map(Message::receipt_handle).collect();
        for chunk in receipts.chunks(CALL) {
            let entries = chunk.iter().enumerate().filter_map(|(number, receipt)| {
                DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(*receipt).build().ok()
            });
            let request = self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            if let Err(error) = request.send().await {
                tracing::warn!(%error, "messages that are done were not deleted and will come again");
            }
        }
    }
}

fn all(messages: &[Message]) -> HashSet<String> {
    messages.iter().filter_map(Message::message_id).map(str::to_owned).collect()
}

/// A message as a function's event carries it.
fn record(message: &Message, arn: &str) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id.clone_from(&message.message_id);
    record.receipt_handle.clone_from(&message.receipt_handle);
    record.body.clone_from(&message.body);
    record.md5_of_body.clone_from(&message.md5_of_body);
    record.md5_of_message_attributes.clone_from(&message.md5_of_message_attributes);
    let attributes = message.attributes.iter().flatten();
    record.attributes = attributes.map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect();
    let attributes = message.message_attributes.iter().flatten();
    record.message_attributes = attributes
        .map(|(name, value)| {
            let mut attribute = SqsMessageAttribute::default();
            attribute.string_value.clone_from(&value.string_value);
            attribute.data_type = Some(value.data_type.clone());
            (name.clone(), attribute)
        })
        .collect();
    record.event_source = Some("aws:sqs".to_owned());
    record.event_source_arn = Some(arn.to_owned());
    record.aws_region = Some(standins::REGION.to_owned());
    record
}

//! A table's stream calls a function.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use runtime::Clock as _;
use serde_json::{Value, json};
use standins::{Dynamo, Sqs};

use super::UnderWay;
use super::checkpoint::Checkpoint;
use super::deliver::{GivenUp, Outcome, Policy, deliver};
use crate::MovableClock;
use crate::functions::StreamWorker;
use crate::invoke;
use crate::stop::Stop;
use crate::template::{OnFailure, StartingPosition, StreamMapping, account};

/// The most records of one reading.
const READING: usize = 1_000;
/// Before reading what was just written: under load that makes one call of many writes.
const GATHER: Duration = Duration::from_millis(2);
/// Before the first retry; after a reading that failed.
const PAUSE: Duration = Duration::from_millis(100);

/// A table, the function that follows it, and how far it has come.
pub(crate) struct StreamReader {
    mapping: StreamMapping,
    partition_key: String,
    arn: String,
    dynamo: Dynamo,
    sqs: aws_sdk_sqs::Client,
    worker: StreamWorker,
    timeout: Duration,
    checkpoint: Checkpoint,
    clock: MovableClock,
    under_way: UnderWay,
}

/// What a follower of a stream works with.
pub(crate) struct Following {
    pub(crate) mapping: StreamMapping,
    /// The attribute that is the table's partition key.
    pub(crate) partition_key: String,
    /// The name of the function.
    pub(crate) function: String,
    pub(crate) worker: StreamWorker,
    pub(crate) timeout: Duration,
    pub(crate) dynamo: Dynamo,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) clock: MovableClock,
}

impl StreamReader {
    pub(crate) async fn open(following: Following, data: Option<&Path>) -> Result<Arc<Self>, standins::Error> {
        let Following { mapping, partition_key, function, worker, timeout, dynamo, sqs, clock } = following;
        let checkpoint = Checkpoint::open(data, &function)?;
        if checkpoint.get().is_none()
            && mapping.starts == StartingPosition::Newest
            && let Some(newest) = dynamo.latest(&mapping.table).await?
        {
            checkpoint.set(&newest)?;
        }
        let arn = account::arn("lambda", &format!("function:{}", account::name(&function)));
        let under_way = UnderWay::default();
        let reader = Self { mapping, partition_key, arn, dynamo, sqs, worker, timeout, checkpoint, clock, under_way };
        Ok(Arc::new(reader))
    }

    /// Whether everything written is settled.
    pub(crate) async fn is_idle(&self) -> bool {
        let newest = self.dynamo.latest(&self.mapping.table).await;
        newest.is_ok_and(|newest| newest.is_none() || newest == self.checkpoint.get()) && self.under_way.is_none()
    }

    /// Follows until it is told to stop, then finishes what is in hand.
    pub(crate) async fn run(self: Arc<Self>, mut stop: Stop) {
        let mut writes = self.dynamo.writes();
        while !stop.is_told() {
            writes.mark_unchanged();
            match self.step().await {
                Ok(0) => {
                    tokio::select! {
                        () = stop.told() => {}
                        // An error means that the database is gone; the stop is on its way.
                        _ = writes.changed() => tokio::time::sleep(GATHER).await,
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, table = self.mapping.table, "stream");
                    stop.told_within(PAUSE).await;
                }
            }
        }
    }

    /// Reads once, delivers what the function wants to see, and moves the checkpoint. Returns how much was read.
    async fn step(&self) -> Result<usize, standins::Error> {
        let checkpoint = self.checkpoint.get();
        let batch = self.dynamo.read_stream(&self.mapping.table, checkpoint.as_deref(), READING).await?;
        let Some(reached) = batch.checkpoint.filter(|_| batch.len > 0) else { return Ok(0) };
        let _under_way = self.under_way.begin();
        let mut lanes = vec![Vec::new(); self.mapping.lanes];
        let mut records = batch.records;
        for record in records["Records"].as_array_mut().into_iter().flat_map(std::mem::take) {
            if self.is_wanted(&record) {
                lanes[self.lane(&record)].push(record);
            }
        }
        let deliveries: FuturesUnordered<_> = lanes.iter().map(|lane| self.deliver(lane)).collect();
        deliveries.collect::<()>().await;
        self.checkpoint.set(&reached)?;
        Ok(batch.len)
    }

    fn is_wanted(&self, record: &Value) -> bool {
        self.mapping.filters.is_empty() || self.mapping.filters.iter().any(|filter| filter.matches(record))
    }

    /// Records of one partition key take one lane, so that they stay in order.
    fn lane(&self, record: &Value) -> usize {
        let mut hasher = DefaultHasher::new();
        record["dynamodb"]["Keys"][&self.partition_key].hash(&mut hasher);
        usize::try_from(hasher.finish() % self.mapping.lanes as u64).unwrap_or_default()
    }

    async fn deliver(&self, lane: &[Value]) {
        let policy = Policy { bisects: self.mapping.bisects, retries: self.mapping.retries, pause: PAUSE };
        for batch in lane.chunks(self.mapping.batch_size) {
            let given_up = deliver(batch.len(), policy, |records| self.call(&batch[records])).await;
            for GivenUp { records, calls } in given_up {
                self.give_up(&batch[records], calls).await;
            }
        }
    }

    async fn call(&self, records: &[Value]) -> Outcome {
        let event = json!({ "Records": records });
        let failures = match invoke::call(self.timeout, (self.worker)(event)).await {
            Ok(failures) => failures,
            Err(error) => {
                tracing::error!(%error, table = self.mapping.table, records = records.len(), "a batch failed");
                return Outcome::Failed;
            }
        };
        if !self.mapping.reports_failures {
            return Outcome::Done;
        }
        let place = |failed: &String| records.iter().position(|record| sequence_number(record) == failed);
        // A name that is none of the batch's means that nothing is known of any of them.
        match failures.iter().map(place).collect::<Option<Vec<_>>>().map(|failed| failed.into_iter().min()) {
            Some(None) => Outcome::Done,
            Some(Some(first)) => Outcome::DoneUntil(first),
            None => Outcome::Failed,
        }
    }

    /// Tells the queue of the dead which records were given up, in Lambda's words.
    async fn give_up(&self, records: &[Value], calls: u32) {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
        tracing::error!(
            from = sequence_number(first),
            to = sequence_number(last),
            calls,
            "records of the stream were given up"
        );
        let Some(OnFailure { queue }) = &self.mapping.on_failure else { return };
        let arrived = |record: &Value| {
            let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
            jiff::SignedDuration::try_from_secs_f64(seconds)
                .ok()
                .and_then(|since| jiff::Timestamp::UNIX_EPOCH.checked_add(since).map(|at| at.to_string()).ok())
        };
        let told = json!({
            "requestContext": {
                "functionArn": self.arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": calls,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": self.clock.now().to_string(),
            "DDBStreamBatchInfo": {
                "shardId": "local",
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": arrived(first),
                "approximateArrivalOfLastRecord": arrived(last),
                "batchSize": records.len(),
                "streamArn": first["eventSourceARN"],
            },
        });
        let url = Sqs::queue_url(queue);
        if let Err(error) = self.sqs.send_message().queue_url(url).message_body(told.to_string()).send().await {
            tracing::error!(%error, "the queue of the dead did not hear of it");
        }
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

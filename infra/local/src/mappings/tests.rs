use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::sqs::Queue;
use standins::{Setup, Sqs, Standins};

use super::queue::QueueReader;
use super::stream::{Following, StreamReader};
use crate::MovableClock;
use crate::functions::{QueueWorker, StreamWorker};
use crate::stop::Stopper;
use crate::template::{Matcher, OnFailure, QueueMapping, StartingPosition, StreamMapping};

struct Ground {
    standins: Standins,
    clock: MovableClock,
    stopper: Stopper,
}

async fn ground(data: Option<&Path>) -> Ground {
    let clock = MovableClock::starting_at(None);
    let setup = Setup { clock: Arc::new(clock.clone()), ..Setup::default() };
    let standins = match data {
        Some(data) => Standins::open_with(data, &setup),
        None => Standins::memory_with(&setup),
    };
    let standins = standins.expect("stand-ins");
    standins.sqs.create_queue(&Queue::named("dead")).await.expect("a queue");
    let work = Queue::named("work").hidden_for(Duration::from_mins(1)).with_dead_letters("dead", 3);
    standins.sqs.create_queue(&work).await.expect("a queue");
    let table = json!({
        "TableName": "table",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    standins.dynamo.create_table(&table).await.expect("a table");
    Ground { standins, clock, stopper: Stopper::new() }
}

impl Ground {
    async fn send(&self, body: &str) {
        let url = Sqs::queue_url("work");
        self.standins.sqs.client().send_message().queue_url(url).message_body(body).send().await.expect("sent");
    }

    async fn dead(&self) -> Vec<String> {
        let url = Sqs::queue_url("dead");
        let received = self.standins.sqs.client().receive_message().queue_url(url).max_number_of_messages(10);
        let received = received.send().await.expect("received").messages.unwrap_or_default();
        received.into_iter().filter_map(|message| message.body).collect()
    }

    async fn queue(&self, worker: QueueWorker, data: Option<&Path>) -> Arc<QueueReader> {
        let mapping = QueueMapping {
            queue: "work".to_owned(),
            batch_size: 10,
            window: Duration::ZERO,
            concurrency: 2,
            reports_failures: true,
        };
        let client = self.standins.sqs.client();
        QueueReader::open(mapping, client, worker, Duration::from_secs(5), data).await.expect("a reader")
    }

    async fn write(&self, pk: &str, sk: &str) {
        let client = self.standins.dynamo.client();
        let put = client.put_item().table_name("table").item("pk", AttributeValue::S(pk.to_owned()));
        put.item("sk", AttributeValue::S(sk.to_owned())).send().await.expect("written");
    }

    async fn stream(&self, worker: StreamWorker, data: Option<&Path>) -> Arc<StreamReader> {
        let mapping = StreamMapping {
            table: "table".to_owned(),
            starts: StartingPosition::Oldest,
            batch_size: 100,
            lanes: 4,
            filters: vec![Matcher::read(r#"{"dynamodb": {"Keys": {"sk": {"S": ["record"]}}}}"#).expect("a filter")],
            reports_failures: true,
            bisects: true,
            retries: Some(1),
            on_failure: Some(OnFailure { queue: "dead".to_owned() }),
        };
        let following = Following {
            mapping,
            partition_key: "pk".to_owned(),
            function: "Events".to_owned(),
            worker,
            timeout: Duration::from_secs(5),
            dynamo: self.standins.dynamo.clone(),
            sqs: self.standins.sqs.client(),
            clock: self.clock.clone(),
        };
        StreamReader::open(following, data).await.expect("a reader")
    }
}

/// Fails every message whose body is `poison`; counts calls.
fn picky(seen: &Arc<Mutex<Vec<String>>>) -> QueueWorker {
    let seen = Arc::clone(seen);
    Arc::new(move |event: SqsEvent| {
        let mut response = SqsBatchResponse::default();
        for message in &event.records {
            let body = message.body.clone().unwrap_or_default();
            if body == "poison" {
                response.add_failure(message.message_id.clone().unwrap_or_default());
            }
            seen.lock().expect("no panic").push(body);
        }
        Box::pin(async { Ok(response) })
    })
}

async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    for _ in 0..5_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never came about");
}

#[tokio::test]
async fn only_the_poison_message_is_tried_again_and_it_ends_among_the_dead() {
    let ground = ground(None).await;
    let seen = Arc::default();
    let reader = ground.queue(picky(&seen), None).await;
    let running = tokio::spawn(Arc::clone(&reader).run(ground.stopper.listen()));
    for body in ["one", "poison", "two"] {
        ground.send(body).await;
    }
    for _ in 0..4 {
        until(|| reader.is_idle()).await;
        ground.clock.advance(SignedDuration::from_secs(61)).expect("forward");
    }
    until(|| reader.is_idle()).await;
    until(async || ground.dead().await == ["poison"]).await;
    ground.stopper.tell();
    running.await.expect("it stops");
    let seen = seen.lock().expect("no panic");
    let times = |body: &str| seen.iter().filter(|seen| *seen == body).count();
    assert_eq!((times("one"), times("two"), times("poison")), (1, 1, 3));
}

#[tokio::test]
async fn a_crash_gives_the_whole_batch_back() {
    let ground = ground(None).await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let worker: QueueWorker = Arc::new(move |_| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            assert!(!first, "a crash");
            Ok(SqsBatchResponse::default())
        })
    });
    let reader = ground.queue(worker, None).await;
    let _running = tokio::spawn(Arc::clone(&reader).run(ground.stopper.listen()));
    ground.send("one").await;
    until(|| reader.is_idle()).await;
    ground.clock.advance(SignedDuration::from_secs(61)).expect("forward");
    until(|| reader.is_idle()).await;
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert!(ground.dead().await.is_empty());
}

#[tokio::test]
async fn a_message_in_the_hand_of_a_killed_process_is_there_for_the_next_one_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    {
        let ground = ground(Some(data.path())).await;
        let (begun, began) = tokio::sync::oneshot::channel();
        let begun = Mutex::new(Some(begun));
        let worker: QueueWorker = Arc::new(move |_| {
            begun.lock().expect("no panic").take().map(|begun| begun.send(()));
            Box::pin(std::future::pending())
        });
        let reader = ground.queue(worker, Some(data.path())).await;
        ground.send("one").await;
        // Nothing that belongs to it is dropped in order, as if it was killed.
        std::mem::forget(tokio::spawn(reader.run(ground.stopper.listen())));
        began.await.expect("it began");
        std::mem::forget(ground);
    }
    let ground = ground(Some(data.path())).await;
    let seen = Arc::default();
    let reader = ground.queue(picky(&seen), Some(data.path())).await;
    let _running = tokio::spawn(reader.run(ground.stopper.listen()));
    until(async || *seen.lock().expect("no panic") == ["one"]).await;
}

/// Fails records of the partition `poison`; remembers the partitions it saw.
fn following(seen: &Arc<Mutex<Vec<String>>>) -> StreamWorker {
    let seen = Arc::clone(seen);
    Arc::new(move |event: Value| {
        let mut failed = Vec::new();
        for record in event["Records"].as_array().into_iter().flatten() {
            let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
            if pk == "poison" {
                failed.push(record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned());
                break;
            }
            seen.lock().expect("no panic").push(pk);
        }
        Box::pin(async { Ok(failed) })
    })
}

#[tokio::test]
async fn the_stream_is_followed_past_a_poison_record_which_the_queue_of_the_dead_hears_of() {
    let ground = ground(None).await;
    let seen = Arc::default();
    let reader = ground.stream(following(&seen), None).await;
    let _running = tokio::spawn(Arc::clone(&reader).run(ground.stopper.listen()));
    for number in 0..20 {
        let pk = if number == 7 { "poison".to_owned() } else { format!("p{number}") };
        ground.write(&pk, "record").await;
        ground.write(&pk, "term").await;
    }
    until(|| reader.is_idle()).await;
    let mut seen = seen.lock().expect("no panic").clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 19, "terms are not wanted, the poison record is given up");
    let dead: Value = serde_json::from_str(&ground.dead().await[0]).expect("JSON");
    assert_eq!(dead["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(dead["DDBStreamBatchInfo"]["batchSize"], 1);
}

#[tokio::test]
async fn records_of_one_partition_come_in_order() {
    let ground = ground(None).await;
    let sequence: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&sequence);
    let worker: StreamWorker = Arc::new(move |event: Value| {
        let records = event["Records"].as_array().into_iter().flatten();
        let numbers = records.filter_map(|record| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned));
        kept.lock().expect("no panic").extend(numbers);
        Box::pin(async { Ok(Vec::new()) })
    });
    let reader = ground.stream(worker, None).await;
    for _ in 0..50 {
        ground.write("one", "record").await;
        ground
            .standins
            .dynamo
            .client()
            .delete_item()
            .table_name("table")
            .key("pk", AttributeValue::S("one".to_owned()))
            .key("sk", AttributeValue::S("record".to_owned()))
            .send()
            .await
            .expect("deleted");
    }
    let _running = tokio::spawn(Arc::clone(&reader).run(ground.stopper.listen()));
    until(|| reader.is_idle()).await;
    let sequence = sequence.lock().expect("no panic");
    assert_eq!(sequence.len(), 100);
    assert!(sequence.is_sorted());
}

#[tokio::test]
async fn after_a_restart_nothing_is_followed_twice_or_left_out() {
    let data = tempfile::tempdir().expect("a folder");
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    for run in 0..3 {
        let ground = ground(Some(data.path())).await;
        ground.write(&format!("before{run}"), "record").await;
        let reader = ground.stream(following(&seen), Some(data.path())).await;
        let running = tokio::spawn(Arc::clone(&reader).run(ground.stopper.listen()));
        until(|| reader.is_idle()).await;
        ground.stopper.tell();
        running.await.expect("it stops");
        ground.write(&format!("between{run}"), "record").await;
    }
    let seen = seen.lock().expect("no panic");
    assert_eq!(*seen, ["before0", "between0", "before1", "between1", "before2"]);
}

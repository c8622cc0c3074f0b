//! Measures an import over the stand-ins, step by step: rows per second, and where the time goes.
//!
//! `cargo run --release -p imports --example measure -- FILE [--memory] [--alone]`. Without `--memory` the
//! stand-ins keep their data in a folder, as the local platform does; without `--alone` search terms and
//! figures follow while the import runs.
#![expect(clippy::print_stdout, reason = "its figures are its purpose")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up must stop and say where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::job::{ImportOptions, Job, JobStep, Step};
use domain::lead::RowMapping;
use domain::{BranchId, Caller, Change, Grant, JobId, LeadPipeline, OrganizationId, Permission};
use indexmap::IndexMap;
use runtime::{Platform, Settings, SystemClock, SystemEntropy};
use serde_json::{Value, json};
use standins::{Setup, Standins};
use store::{KeyRing, StreamImage};

/// As the template has it.
const MESSAGES_A_BATCH: i32 = 5;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |option: &str| arguments.iter().any(|argument| argument == option);
    let path = arguments.iter().find(|argument| !argument.starts_with("--")).expect("a file");
    let file = std::fs::read(path).expect("the file can be read");
    let folder = tempfile::tempdir().expect("a folder");
    let setup = Setup { meter: asked("--meter"), ..Setup::default() };
    let standins =
        if asked("--memory") { Standins::memory_with(&setup) } else { Standins::open_with(folder.path(), &setup) };
    let standins = standins.expect("stand-ins");
    let platform = platform(&standins).await;
    let grant = tenant(&platform).await;

    let over = Arc::new(AtomicBool::new(asked("--alone")));
    let follower = tokio::spawn(follow(platform.clone(), standins.clone(), Arc::clone(&over)));

    let begun = Instant::now();
    let id = hand_in(&platform, &grant, &file).await;
    println!("handed in       {:>8.1?}", begun.elapsed());
    let step = Instant::now();
    work(&platform, &standins).await;
    println!("planned         {:>8.1?}", step.elapsed());
    let step = Instant::now();
    while work(&platform, &standins).await {}
    println!("done            {:>8.1?}", step.elapsed());
    let took = begun.elapsed();
    let job: Job = platform.table().get(&grant, id).await.expect("the job");
    println!("{:?}: {} rows, {:?}", job.status, job.rows, job.tally);
    println!("in all          {took:>8.1?}  {:.0} rows a second", f64::from(job.rows) / took.as_secs_f64());
    over.store(true, Ordering::SeqCst);
    let followed = follower.await.expect("the follower ends");
    println!("all that follows {:>7.1?}  {followed} changes of the stream", begun.elapsed());
    if asked("--meter") {
        println!("{:#?}", standins.dynamo.meter());
    }
}

async fn platform(standins: &Standins) -> Platform {
    standins.dynamo.create_table(&testkit::definition()).await.expect("the table");
    standins.s3.create_bucket("files").await.expect("the bucket");
    let queue = standins.sqs.create_queue(&standins::sqs::Queue::named("imports")).await.expect("the queue");
    let settings: std::collections::BTreeMap<String, String> = [
        ("SAMPARK_TABLE", testkit::TABLE),
        ("SAMPARK_HASH_KEY", "measure"),
        ("SAMPARK_BUCKET", "files"),
        ("SAMPARK_IMPORTS_QUEUE", &queue),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let settings = Settings::from_map(&settings).expect("settings");
    Platform::new(settings, standins.dynamo.client(), Arc::new(SystemClock), Arc::new(SystemEntropy))
        .with_keys(KeyRing::fixed(&[7; 32]))
        .with_files(standins.s3.client("http://127.0.0.1:1"))
        .with_jobs(standins.sqs.client())
}

async fn tenant(platform: &Platform) -> Grant {
    let organization = OrganizationId::at(platform.now(), platform.random());
    let grant = Caller::system(organization, "measure").allow(Permission::LeadsImport).expect("may import");
    let pipeline = LeadPipeline::new(organization, platform.now());
    platform.table().commit(&grant, Change::create(pipeline, "pipeline.created")).await.expect("a pipeline");
    grant
}

async fn hand_in(platform: &Platform, grant: &Grant, file: &[u8]) -> JobId {
    let headers = sheets::read(file, &sheets::Limits::default()).expect("a header").headers().to_vec();
    let mapping = RowMapping::new(&headers, &IndexMap::new()).expect("a mapping").named();
    let (now, options) = (platform.now(), ImportOptions { mapping, ..ImportOptions::default() });
    let (id, branch) = (JobId::at(now, platform.random()), BranchId::at(now, platform.random()));
    let job = Job::import(id, grant.organization(), None, branch, "leads".into(), "hash".into(), options, now);
    let files = platform.files().expect("files");
    files.put(grant, "imports", &format!("{id}/file"), "text/csv", file.to_vec()).await.expect("the file is put");
    platform.table().commit(grant, Change::create(job, "job.created")).await.expect("the job");
    let step = JobStep { organization: grant.organization(), job: id, step: Step::Plan };
    platform.jobs().expect("a queue").send(&step).await.expect("a message");
    id
}

/// One batch of the queue, as an event source mapping hands it over; `false` where it is empty.
async fn work(platform: &Platform, standins: &Standins) -> bool {
    let url = platform.settings().imports_queue.clone().expect("a queue");
    let client = standins.sqs.client();
    let received = client.receive_message().queue_url(&url).max_number_of_messages(MESSAGES_A_BATCH).send().await;
    let messages = received.expect("messages").messages.unwrap_or_default();
    let records: Vec<Value> =
        messages.iter().map(|message| json!({"messageId": message.message_id, "body": message.body})).collect();
    let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
    let answer = imports::handle(platform, event).await;
    assert!(answer.batch_item_failures.is_empty(), "a step failed");
    for receipt in messages.iter().filter_map(|message| message.receipt_handle.as_ref()) {
        client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("a message is deleted");
    }
    !messages.is_empty()
}

/// What the `events` function does: the stream in batches of 100, until all is over and nothing is left.
async fn follow(platform: Platform, standins: Standins, over: Arc<AtomicBool>) -> usize {
    let (mut checkpoint, mut followed) = (None, 0);
    loop {
        let batch =
            standins.dynamo.read_stream(testkit::TABLE, checkpoint.as_deref(), 1_000).await.expect("the stream");
        if batch.len == 0 {
            if over.load(Ordering::SeqCst) {
                return followed;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        }
        checkpoint = batch.checkpoint;
        let records = batch.records["Records"].as_array().cloned().unwrap_or_default();
        let images: Vec<StreamImage> = records
            .iter()
            .filter_map(|record| StreamImage::from_stream(&record["dynamodb"]))
            // The template's filter.
            .filter(|image| image.sk == store::keys::RECORD || image.sk.starts_with(store::keys::EVENT) && image.old.is_none())
            .collect();
        for batch in images.chunks(100) {
            platform.table().project(batch).await.expect("a batch is dealt with");
        }
        followed += images.len();
    }
}

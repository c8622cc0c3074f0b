//! A job that lost its message is found again.

use domain::job::{ImportOptions, Job, LEASE, Tally};
use domain::{Caller, Change, Grant, JobId, Permission};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::World;

async fn a_job(world: &World) -> (Grant, Job) {
    let tenant = world.a_tenant("Example Ltd").await;
    let grant = Caller::system(tenant.organization, "test").allow(Permission::LeadsImport).expect("may import");
    let now = world.platform.now();
    let id = JobId::at(now, world.platform.random());
    let options = ImportOptions::default();
    let job =
        Job::import(id, tenant.organization, None, tenant.branch, "leads.csv".into(), "hash".into(), options, now);
    let job = world.platform.table().commit(&grant, Change::create(job, "job.created")).await.expect("a job");
    (grant, job)
}

/// What the clock sent: the steps of its messages.
async fn sent(world: &World) -> Vec<Value> {
    let url = world.platform.settings().imports_queue.clone().expect("a queue");
    let answer = world.standins.sqs.client().receive_message().queue_url(url).max_number_of_messages(10).send().await;
    let messages = answer.expect("messages").messages.unwrap_or_default();
    let step = |body: &str| serde_json::from_str::<Value>(body).expect("JSON")["step"].clone();
    messages.iter().map(|message| step(message.body().unwrap_or_default())).collect()
}

async fn tick(world: &World) {
    tick::handle(&world.platform, &Value::Null).await.expect("the clock runs");
}

#[tokio::test]
async fn a_job_at_rest_gets_its_missing_steps_once_a_lease() {
    let world = World::new().await;
    let (grant, job) = a_job(&world).await;
    tick(&world).await;
    assert!(sent(&world).await.is_empty(), "its lease is not over");

    world.clock.advance(LEASE + SignedDuration::from_secs(1));
    tick(&world).await;
    tick(&world).await;
    assert_eq!(sent(&world).await, ["plan"]);

    let table = world.platform.table();
    let job: Job = table.get_to_change(&grant, job.id).await.expect("the job");
    let planned = job.planned("plan".into(), 9, 3, world.platform.now());
    let job = table.commit(&grant, planned).await.expect("it is planned");
    let mut transaction = table.transaction();
    let progress = table.chunk(&grant, job.id, 1).await.expect("progress");
    let tally = Tally { created: 3, ..Tally::default() };
    transaction.advance_chunk::<Value>(&grant, job.id, progress, 3, true, tally, &[]).expect("a step");
    transaction.commit().await.expect("progress moves");
    // Messages received and not deleted would come back by then: only what is new counts.
    let before = sent(&world).await.len();
    world.clock.advance(LEASE + SignedDuration::from_secs(1));
    tick(&world).await;
    let steps = sent(&world).await;
    assert!(before == 0 && steps.contains(&json!({"chunk": 0})) && steps.contains(&json!({"chunk": 2})), "{steps:?}");
    assert!(!steps.contains(&json!({"chunk": 1})), "{steps:?}");
}

#[tokio::test]
async fn a_job_that_is_over_is_left_alone() {
    let world = World::new().await;
    let (grant, job) = a_job(&world).await;
    let change = job.completed(Tally::default(), world.platform.now());
    world.platform.table().commit(&grant, change).await.expect("it is completed");
    world.clock.advance(LEASE * 2);
    tick(&world).await;
    assert!(sent(&world).await.is_empty());
}

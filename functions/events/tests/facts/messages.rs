//! People are told once, and every message goes to its queue.

use domain::job::{Failure, ImportOptions, Job, Tally};
use domain::message::MessageState;
use domain::{Change, JobId, MessageTemplate, Recipient, Role, UserId};
use serde_json::{Value, json};
use standins::{Fault, Service};

use crate::support::Scene;

async fn an_import(scene: &Scene, by: UserId, options: ImportOptions) -> Job {
    let now = scene.world.platform.now();
    let id = JobId::at(now, scene.world.platform.random());
    let (organization, branch) = (scene.tenant.organization, scene.tenant.branch);
    let job = Job::import(id, organization, Some(by), branch, "leads.csv".into(), "hash".into(), options, now);
    scene.world.platform.table().commit(&scene.grant, Change::create(job, "job.created")).await.expect("a job")
}

#[tokio::test]
async fn a_new_organization_is_welcomed_once() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let admin = scene.world.a_person(&scene.tenant, Role::Admin, scene.tenant.branch).await;
    let news = scene.news().await;
    for _ in 0..3 {
        scene.follow(&news).await;
    }
    tokio::join!(scene.follow(&news), scene.follow(&news));
    scene.follow_all().await;
    let [welcome] = &scene.messages().await[..] else { panic!("one message") };
    assert_eq!(welcome.to, Recipient::Email(admin.claims.email.parse().expect("an address")));
    assert_eq!((welcome.template, welcome.state), (MessageTemplate::Welcome, MessageState::Queued));
    assert_eq!(Value::from(welcome.values.clone()), json!({"name": "admin", "organization": "Example Ltd"}));
    assert_eq!(scene.queued().await, [welcome.id]);
}

#[tokio::test]
async fn whoever_uploaded_is_told_how_it_ended() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let manager = scene.world.a_person(&scene.tenant, Role::Manager, scene.tenant.branch).await;
    let (table, now) = (scene.world.platform.table(), scene.world.platform.now());
    let done = an_import(&scene, manager.user, ImportOptions::default()).await;
    table.commit(&scene.grant, done.completed(Tally::default(), now)).await.expect("it is completed");
    let again = ImportOptions { again: true, ..ImportOptions::default() };
    let failure = Failure { code: "damaged".into(), message: "the workbook is damaged".into() };
    let failed = an_import(&scene, manager.user, again).await;
    table.commit(&scene.grant, failed.failed(failure, now)).await.expect("it is failed");
    let dry = an_import(&scene, manager.user, ImportOptions { dry_run: true, ..ImportOptions::default() }).await;
    table.commit(&scene.grant, dry.completed(Tally::default(), now)).await.expect("it is completed");

    let news = scene.news().await;
    scene.follow(&news).await;
    scene.follow(&news).await;
    scene.follow_all().await;
    let told = scene.messages().await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|message| message.template == MessageTemplate::ImportDone));
    let failures: Vec<&Value> = told.iter().filter_map(|message| message.values.get("failure")).collect();
    assert_eq!(failures, ["the workbook is damaged"]);
    assert_eq!(scene.queued().await.len(), 2);
}

#[tokio::test]
async fn a_message_that_cannot_be_made_comes_again() {
    let scene = Scene::new(Fault::Throttled, |call| call.operation == "TransactWriteItems").await;
    scene.world.a_person(&scene.tenant, Role::Admin, scene.tenant.branch).await;
    scene.follow(&scene.news().await).await;
    let manager = scene.world.a_person(&scene.tenant, Role::Manager, scene.tenant.branch).await;
    scene.follow_all().await;
    let job = an_import(&scene, manager.user, ImportOptions::default()).await;
    let now = scene.world.platform.now();
    let completed = job.completed(Tally::default(), now);
    scene.world.platform.table().commit(&scene.grant, completed).await.expect("it is completed");
    let news = scene.news().await;
    scene.break_it(true);
    assert_eq!(scene.follow(&news).await.batch_item_failures.len(), 1);
    scene.break_it(false);
    scene.follow(&news).await;
    scene.follow_all().await;
    let done = scene.messages().await;
    assert_eq!(done.iter().filter(|message| message.template == MessageTemplate::ImportDone).count(), 1);
}

#[tokio::test]
async fn a_queue_that_refuses_holds_nothing_up() {
    let scene = Scene::new(Fault::Throttled, |call| call.service == Service::Sqs).await;
    scene.world.a_person(&scene.tenant, Role::Admin, scene.tenant.branch).await;
    scene.a_lead("Asha Example").await;
    scene.break_it(true);
    scene.follow_all().await;
    scene.break_it(false);
    assert!(scene.queued().await.is_empty());
    let counts = scene.world.platform.table().counts_now(&scene.grant, "leads").await.expect("figures");
    assert_eq!(counts.iter().map(|count| count.n).sum::<i64>(), 1);
    let [welcome] = &scene.messages().await[..] else { panic!("one message") };
    assert_eq!(welcome.state, MessageState::Queued, "the clock finds it");
}

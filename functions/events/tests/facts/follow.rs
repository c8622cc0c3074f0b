//! Search terms and figures follow the stream, whatever fails on the way.

use std::num::NonZeroU32;

use domain::Lead;
use events::StreamEvent;
use standins::Fault;

use crate::support::Scene;

async fn found(scene: &Scene, prefix: &str) -> usize {
    let limit = NonZeroU32::new(10).expect("a limit");
    let page = scene.world.platform.table().search::<Lead>(&scene.grant, prefix, None, limit, |_| true).await;
    page.expect("a search").records.len()
}

async fn counted(scene: &Scene) -> i64 {
    let counts = scene.world.platform.table().counts_now(&scene.grant, "leads").await.expect("figures");
    counts.iter().map(|count| count.n).sum()
}

#[tokio::test]
async fn a_batch_that_comes_again_counts_once() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    scene.a_lead("Asha Example").await;
    let news = scene.news().await;
    for _ in 0..3 {
        assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    }
    assert_eq!((found(&scene, "ash").await, counted(&scene).await), (1, 1));
}

#[tokio::test]
async fn the_stream_goes_on_where_the_first_change_failed() {
    let scene = Scene::new(Fault::Throttled, |call| call.operation == "BatchWriteItem").await;
    scene.follow(&scene.news().await).await;
    scene.a_lead("Asha Example").await;
    scene.a_lead("Bela Example").await;
    let news = scene.news().await;
    scene.break_it(true);
    let failures = scene.follow(&news).await.batch_item_failures;
    let places: Vec<usize> = failures
        .iter()
        .filter_map(|failure| {
            news.records.iter().position(|record| record.sequence_number() == failure.item_identifier)
        })
        .collect();
    assert_eq!((failures.len(), places.len()), (1, 1));
    scene.break_it(false);
    let rest = StreamEvent { records: news.records[places[0]..].to_vec() };
    assert!(scene.follow(&rest).await.batch_item_failures.is_empty());
    assert_eq!((found(&scene, "ash").await, found(&scene, "bel").await, counted(&scene).await), (1, 1, 2));
}

#[tokio::test]
async fn what_is_no_change_of_ours_holds_nothing_up() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    scene.a_lead("Asha Example").await;
    let mut news = scene.news().await;
    let strange = serde_json::json!({"Records": [
        {"eventName": "INSERT", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "x#sample"}, "sk": {"S": "event#sample"}}, "SequenceNumber": "1"}},
    ]});
    let strange: StreamEvent = serde_json::from_value(strange).expect("an event");
    news.records.splice(0..0, strange.records);
    assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    assert_eq!(found(&scene, "ash").await, 1);
}

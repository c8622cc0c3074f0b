//! Deliveries that cannot be done, that are tried again, and that rest.

use domain::IntegrationHealth;
use domain::provider_delivery::{DeliveryStatus, LEASE, RESTS};
use jiff::SignedDuration;
use serde_json::json;
use standins::Fault;

use crate::support::Exchange;

#[tokio::test]
async fn what_makes_no_sense_has_failed_at_once_and_stands_in_the_log() {
    let exchange = Exchange::new().await;
    let bodies = ["not JSON", "{\"type\": \"call.updated\", \"data\": {\"id\": \"1\", \"status\": \"asleep\"}}", "{}"];
    for (number, body) in bodies.into_iter().enumerate() {
        exchange.say(&format!("e{number}"), body).await.expect(200);
    }
    exchange.settle().await;
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Failed && delivery.failure.is_some()));
    let log = exchange.log().await;
    assert_eq!(log.len(), 3);
    assert!(log.iter().all(|row| row.integration_id == Some(exchange.integration.id)));
    let health = IntegrationHealth::id_of(exchange.integration.id);
    let health: IntegrationHealth =
        exchange.world.platform.table().get(&exchange.grant, health).await.expect("it fares");
    // Whoever tells nonsense is there to be asked.
    assert_eq!((health.in_a_row, health.failures_in_a_day(exchange.world.platform.now())), (0, 3));
    exchange.tell(json!({"id": "c1", "status": "ringing", "direction": "inbound"})).await;
    exchange.settle().await;
    let health: IntegrationHealth =
        exchange.world.platform.table().get(&exchange.grant, health.id).await.expect("it fares");
    assert_eq!((health.in_a_row, health.last_success_at.is_some()), (0, true));
}

#[tokio::test]
async fn what_comes_too_early_is_tried_again_and_has_failed_in_the_end() {
    let exchange = Exchange::new().await;
    let data = json!({"id": "c1", "recording_url": "https://recordings.example/c1"});
    exchange.tell(data).await;
    exchange.settle().await;
    for rest in RESTS {
        let [delivery] = &exchange.deliveries().await[..] else { panic!("one delivery") };
        assert_eq!(delivery.status, DeliveryStatus::Received);
        exchange.later(rest).await;
    }
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Failed);
    assert_eq!(exchange.log().await.len(), 1);
    exchange.later(SignedDuration::from_hours(24)).await;
    assert!(exchange.calls().await.is_empty());
}

#[tokio::test]
async fn a_delivery_that_its_queue_did_not_take_is_found_by_the_clock() {
    let exchange = Exchange::new().await;
    // The request is counted, the delivery kept, the message sent.
    exchange.kill(Some((3, Fault::CrashBefore)));
    let data = json!({"id": "c1", "status": "ringing", "direction": "inbound"});
    let body = json!({"type": "call.updated", "data": data}).to_string();
    exchange.say("e1", &body).await.expect(200);
    assert_eq!(exchange.revive(), 3);
    exchange.settle().await;
    assert!(exchange.calls().await.is_empty());
    exchange.later(LEASE - SignedDuration::from_secs(1)).await;
    assert!(exchange.calls().await.is_empty(), "it may be on its way");
    exchange.later(SignedDuration::from_secs(1)).await;
    exchange.the_call().await;
}

#[tokio::test]
async fn a_long_body_lies_among_the_files_and_is_done_all_the_same() {
    let exchange = Exchange::new().await;
    let long = "x".repeat(900_000);
    let data = json!({"id": "c1", "status": "ringing", "direction": "inbound", "note": long});
    exchange.tell(data).await;
    assert_eq!(exchange.deliveries().await[0].body, None);
    exchange.settle().await;
    exchange.the_call().await;
}

#[tokio::test]
async fn what_is_no_step_comes_back_and_an_unknown_delivery_does_not() {
    let exchange = Exchange::new().await;
    let unknown =
        r#"{"organization": "org_00000000000000000000000000", "delivery": "pdel_00000000000000000000000000"}"#;
    assert_eq!(exchange.bring(&["{}".to_owned(), unknown.to_owned()]).await, [0]);
}

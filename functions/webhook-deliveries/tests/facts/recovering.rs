//! What an endpoint missed is sent again, once, whatever happens on the way.

use domain::WebhookRecoveryId;
use domain::webhook::{DeliveryStatus, RecoveryStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use standins::Fault;
use testkit::Ask;

use crate::support::{Desk, Told};

async fn recover(desk: &Desk, told: &Told, since: Timestamp) -> WebhookRecoveryId {
    let ask = Ask::post(format!("/webhook-endpoints/{}/recover", told.id), json!({"since": since}));
    let recovery = desk.ask(ask).await.data(202);
    recovery["id"].as_str().expect("an id").parse().expect("an id")
}

/// An endpoint that got one event, failed at one, and was off for 30.
async fn behind() -> (Desk, Told, Timestamp) {
    let desk = Desk::new().await;
    let told = desk.endpoint("behind", &["lead.created"]).await;
    let since = desk.world.platform.now();
    desk.a_lead("Got").await;
    desk.settle().await;
    desk.a_lead("Failed").await;
    let news = desk.news().await;
    assert!(desk.follow(&news).await);
    desk.change(&told, json!({"enabled": false})).await;
    desk.settle().await;
    for number in 0..30 {
        desk.world.clock.advance(SignedDuration::from_secs(1));
        desk.a_lead(&format!("Missed {number}")).await;
    }
    desk.settle().await;
    desk.change(&told, json!({"enabled": true})).await;
    desk.world.clock.advance(SignedDuration::from_secs(1));
    (desk, told, since)
}

#[tokio::test]
async fn everything_since_then_that_was_not_got_is_sent_and_nothing_twice() {
    let (desk, told, since) = behind().await;
    assert_eq!(desk.calls(&told).len(), 1);
    let id = recover(&desk, &told, since).await;
    let again = Ask::post(format!("/webhook-endpoints/{}/recover", told.id), json!({"since": since}));
    assert_eq!(desk.ask(again).await.expect(409).json()["code"], "recovery_running");
    desk.settle().await;
    let recovery = desk.recovery(id).await;
    assert_eq!((recovery.status, recovery.seen, recovery.sent), (RecoveryStatus::Completed, 32, 31));
    assert_eq!(desk.calls(&told).len(), 32);
    let deliveries = desk.deliveries(&told).await;
    assert!(deliveries.len() == 32 && deliveries.iter().all(|one| one.status == DeliveryStatus::Succeeded));
    let shown = desk.ask(Ask::get(format!("/webhook-endpoints/{}/recoveries/{id}", told.id))).await.data(200);
    assert_eq!((&shown["status"], &shown["sent"]), (&json!("completed"), &json!(31)));

    // Another finds nothing to do.
    let id = recover(&desk, &told, since).await;
    desk.settle().await;
    assert_eq!((desk.recovery(id).await.sent, desk.calls(&told).len()), (0, 32));
    for bad in [json!({}), json!({"since": "yesterday"}), json!({"since": "2020-01-01T00:00:00Z"})] {
        let ask = Ask::post(format!("/webhook-endpoints/{}/recover", told.id), bad);
        assert_eq!(desk.ask(ask).await.expect(422).wrong()[0].0, "since");
    }
}

#[tokio::test]
async fn its_worker_may_die_at_any_write() {
    let fates = [
        (1, Fault::CrashBefore),
        (2, Fault::CrashAfter),
        (12, Fault::CrashBefore),
        (25, Fault::CrashAfter),
        (28, Fault::CrashBefore),
        (29, Fault::CrashAfter),
        (50, Fault::CrashBefore),
    ];
    for (write, fault) in fates {
        let (desk, told, since) = behind().await;
        let id = recover(&desk, &told, since).await;
        desk.kill(write, fault);
        desk.settle().await;
        assert!(desk.revive(), "there are so many writes");
        for _ in 0..4 {
            desk.wait(SignedDuration::from_mins(11)).await;
        }
        let what = format!("{fault:?} at write {write}");
        assert_eq!(desk.recovery(id).await.status, RecoveryStatus::Completed, "{what}");
        let deliveries = desk.deliveries(&told).await;
        assert_eq!(deliveries.len(), 32, "{what}");
        assert!(deliveries.iter().all(|one| one.status == DeliveryStatus::Succeeded), "{what}");
        let doubled = desk.calls(&told).len() - 32;
        assert!(doubled <= 10, "{what}: those of one batch are in doubt at most, not {doubled}");
    }
}

#[tokio::test]
async fn it_ends_with_its_endpoint() {
    let (desk, told, since) = behind().await;
    let id = recover(&desk, &told, since).await;
    desk.ask(Ask::delete(format!("/webhook-endpoints/{}", told.id))).await.expect(200);
    desk.settle().await;
    assert_eq!(desk.recovery(id).await.status, RecoveryStatus::Cancelled);
    assert_eq!(desk.calls(&told).len(), 1);
}

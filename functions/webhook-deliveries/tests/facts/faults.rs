//! Workers die, messages repeat and overtake each other: every delivery is made once and gets through.

use std::collections::BTreeMap;

use domain::webhook::{DeliveryStatus, LEASE};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Fault;

use crate::support::{Desk, Told};

/// How often each delivery got through.
fn received(desk: &Desk, told: &Told) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for call in desk.calls(told) {
        *received.entry(call.id).or_default() += 1;
    }
    received
}

/// Everything goes on as if nothing had been, at whichever write it strikes; at every third only, to be quicker.
async fn at_any_write(fault: Fault, first: u64) {
    for write in (first..).step_by(3) {
        let desk = Desk::new().await;
        let (one, other) = (desk.endpoint("one", &["lead.*"]).await, desk.endpoint("other", &["lead.created"]).await);
        desk.settle().await;
        let lead = desk.a_lead("Asha Example").await;
        desk.change_lead(&lead, json!({"city": "Pune"})).await;
        desk.kill(write, fault);
        desk.settle().await;
        desk.world.clock.advance(SignedDuration::from_mins(11));
        let _ = tick::handle(&desk.world.platform, &Value::Null).await;
        desk.settle().await;
        let struck = desk.revive();
        for _ in 0..3 {
            desk.wait(SignedDuration::from_mins(11)).await;
        }
        let what = format!("{fault:?} at write {write}");
        for (told, expected) in [(&one, 2), (&other, 1)] {
            let deliveries = desk.deliveries(told).await;
            assert_eq!(deliveries.len(), expected, "{what}");
            let done = deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Succeeded);
            assert!(done, "{what}: {deliveries:?}");
            let received = received(&desk, told);
            assert_eq!(received.len(), expected, "{what}: none is lost");
            let doubled: usize = received.values().map(|times| times - 1).sum();
            assert!(doubled <= 1, "{what}: one death leaves one in doubt at most");
        }
        if !struck {
            assert!(write > 12, "there are so many writes: {write}");
            return;
        }
    }
}

#[tokio::test]
async fn whoever_works_may_die_before_any_write() {
    at_any_write(Fault::CrashBefore, 1).await;
}

#[tokio::test]
async fn whoever_works_may_die_after_any_write() {
    at_any_write(Fault::CrashAfter, 2).await;
}

#[tokio::test]
async fn the_answer_to_any_write_may_be_lost() {
    at_any_write(Fault::Unanswered, 1).await;
}

#[tokio::test]
async fn any_write_may_cross_another() {
    at_any_write(Fault::Conflict, 2).await;
}

#[tokio::test]
async fn an_event_may_come_often_and_to_two_followers_and_so_may_a_message() {
    let desk = Desk::new().await;
    let told = desk.endpoint("once", &["lead.*"]).await;
    let lead = desk.a_lead("Asha Example").await;
    desk.change_lead(&lead, json!({"city": "Pune"})).await;
    let mut news = desk.news().await;
    for _ in 0..3 {
        let (one, other) = tokio::join!(desk.follow(&news), desk.follow(&news));
        assert!(one && other);
        news.reverse();
    }
    let deliveries = desk.deliveries(&told).await;
    assert_eq!(deliveries.len(), 2);
    let mut bodies: Vec<String> = deliveries.iter().map(|delivery| desk.message(delivery)).cycle().take(8).collect();
    for _ in 0..4 {
        bodies.rotate_left(3);
        let (one, other) = tokio::join!(desk.bring(&bodies), desk.bring(&bodies));
        assert!(one.is_empty() && other.is_empty());
    }
    // The event and the messages again, after all is over.
    assert!(desk.follow(&news).await);
    desk.settle().await;
    desk.wait(SignedDuration::from_mins(11)).await;
    assert_eq!(received(&desk, &told).values().collect::<Vec<_>>(), [&1, &1]);
}

#[tokio::test]
async fn a_delivery_that_lost_its_message_is_found_by_the_clock() {
    let desk = Desk::new().await;
    let told = desk.endpoint("lost", &["lead.created"]).await;
    desk.a_lead("Asha Example").await;
    let news = desk.news().await;
    assert!(desk.follow(&news).await);
    // Somebody took the message and died.
    let url = desk.world.platform.settings().webhook_deliveries_queue.clone().expect("a queue");
    desk.world.standins.sqs.client().purge_queue().queue_url(url).send().await.expect("it is empty");
    desk.settle().await;
    assert!(desk.calls(&told).is_empty());
    desk.wait(LEASE).await;
    assert_eq!(received(&desk, &told).len(), 1);
}

#[tokio::test]
async fn what_is_no_step_comes_back_and_what_is_unknown_does_not() {
    let desk = Desk::new().await;
    let unknown = |step: &str, name: &str, id: &str| {
        json!({"step": step, "organization": desk.tenant.organization, (name): id}).to_string()
    };
    let bodies = [
        "{}".to_owned(),
        unknown("deliver", "delivery", "whd_00000000000000000000000000"),
        unknown("release", "endpoint", "whe_00000000000000000000000000"),
        unknown("recover", "recovery", "whr_00000000000000000000000000"),
    ];
    assert_eq!(desk.bring(&bodies).await, ["0"]);
}

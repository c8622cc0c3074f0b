//! Endpoints that fail: they are tried again, rest, are turned off, and cost nobody else anything.

use domain::webhook::{DeliveryStatus, DisabledReason, RESTS};
use jiff::SignedDuration;
use providers::{WebhookAnswer, WebhookRefused};
use serde_json::json;
use testkit::{Ask, Webhooks};

use crate::support::Desk;

#[tokio::test]
async fn what_is_not_taken_is_tried_again_after_longer_and_longer_rests_and_then_has_failed() {
    let desk = Desk::new().await;
    let told = desk.endpoint("poison", &["lead.created"]).await;
    // It takes everything else, so it never rests as a whole.
    let poison = desk.a_lead("Asha Example").await;
    desk.world.webhooks.answer(move |call| Ok(Webhooks::status(if call.body.contains(&poison) { 500 } else { 200 })));
    desk.settle().await;
    for (number, rest) in RESTS.into_iter().enumerate() {
        let [delivery, ..] = &desk.deliveries(&told).await[..] else { panic!("a delivery") };
        assert_eq!((delivery.status, delivery.tries as usize), (DeliveryStatus::Pending, number + 1));
        let rests = delivery.next_try_at.duration_since(desk.world.platform.now());
        assert!(rests >= rest && rests <= rest + rest / 10, "rest {number} is {rests}");
        desk.a_lead(&format!("Bela {number}")).await;
        desk.settle().await;
        // The queue holds it back for some minutes; behind that the clock finds it.
        desk.wait(rest + rest / 10 + SignedDuration::from_secs(2)).await;
    }
    let first = desk.deliveries(&told).await.remove(0);
    assert_eq!((first.status, first.reason.as_deref()), (DeliveryStatus::Failed, Some("too_many_tries")));
    let tries = desk.calls(&told).iter().filter(|call| call.id == first.id.to_string()).count();
    assert_eq!((tries, first.attempts.len()), (10, 10));
}

#[tokio::test]
async fn a_short_rest_is_kept_by_the_queue_without_the_clock() {
    let desk = Desk::new().await;
    let told = desk.endpoint("hiccup", &["lead.created"]).await;
    desk.world.webhooks.refuse(Some(WebhookRefused::TimedOut));
    desk.a_lead("Asha Example").await;
    desk.settle().await;
    desk.world.webhooks.refuse(None);
    desk.settle().await;
    assert_eq!(desk.calls(&told).len(), 1, "not before its time");
    desk.world.clock.advance(SignedDuration::from_secs(7));
    desk.settle().await;
    assert_eq!(desk.deliveries(&told).await[0].status, DeliveryStatus::Succeeded);
    let attempt = &desk.deliveries(&told).await[0].attempts[0];
    assert_eq!((attempt.status, attempt.error.as_deref()), (None, Some("webhook_timed_out")));
}

#[tokio::test]
async fn whoever_asks_for_a_pause_gets_it() {
    let desk = Desk::new().await;
    let told = desk.endpoint("busy", &["lead.created"]).await;
    desk.world.webhooks.answer(|_| {
        let headers = vec![("retry-after".to_owned(), "120".to_owned())];
        Ok(WebhookAnswer { status: 429, headers, body: "Slow down".to_owned() })
    });
    desk.a_lead("Asha Example").await;
    desk.settle().await;
    desk.world.webhooks.refuse(None);
    desk.a_lead("Bela Example").await;
    desk.settle().await;
    assert_eq!(desk.calls(&told).len(), 1, "the second waits with the first");
    let attempt = &desk.deliveries(&told).await[0].attempts[0];
    assert_eq!((attempt.status, attempt.body.as_deref()), (Some(429), Some("Slow down")));
    desk.wait_minutes(1).await;
    assert_eq!(desk.calls(&told).len(), 1);
    desk.wait_minutes(3).await;
    assert!(desk.deliveries(&told).await.iter().all(|delivery| delivery.status == DeliveryStatus::Succeeded));
}

/// Half a day of nothing but 500: the dead endpoint is asked a few times in all, others are told in their moment, and the
/// clock has one thing to look at for it, and not one for each that waits. Well again, it gets everything.
#[tokio::test]
async fn a_dead_endpoint_costs_nobody_else_anything_and_gets_all_of_it_when_it_is_well() {
    let desk = Desk::new().await;
    let (dead, well) = (desk.endpoint("dead", &["lead.created"]).await, desk.endpoint("well", &["lead.created"]).await);
    let url = dead.url.clone();
    desk.world.webhooks.answer(move |call| Ok(Webhooks::status(if call.url == url { 500 } else { 200 })));
    for hour in 0..12 {
        for lead in 0..3 {
            desk.a_lead(&format!("Lead {hour} {lead}")).await;
        }
        desk.settle().await;
        assert_eq!(desk.calls(&well).len(), (hour + 1) * 3, "each is told in its moment");
        desk.wait(SignedDuration::from_hours(1)).await;
    }
    let asked = desk.calls(&dead).len();
    assert!((10..32).contains(&asked), "asked {asked} times for 36 deliveries");
    let parked = desk.deliveries(&dead).await.iter().filter(|delivery| delivery.parked).count();
    assert!(parked > 15, "{parked} wait");
    let due = desk.world.due(desk.world.platform.now() + SignedDuration::from_hours(48)).await;
    let of_it = due.into_iter().filter(|due| due.kind.starts_with("webhook_")).count();
    assert!(of_it < 36 - parked + 2, "{of_it} things are due, {parked} wait");

    desk.world.webhooks.refuse(None);
    desk.wait(SignedDuration::from_hours(1)).await;
    desk.wait_minutes(10).await;
    desk.wait(SignedDuration::from_hours(30)).await;
    let left = desk.deliveries(&dead).await.into_iter().filter(|one| one.status != DeliveryStatus::Succeeded);
    assert_eq!(left.map(|one| (one.status, one.parked, one.tries)).collect::<Vec<_>>(), []);
    desk.wait_minutes(6).await;
    let health = desk.health(&dead).await;
    assert_eq!((health.failing_since, health.rests_until, health.look_at), (None, None, None));
}

#[tokio::test]
async fn after_five_days_of_nothing_but_failures_it_is_turned_off_and_its_maker_told() {
    let desk = Desk::new().await;
    let told = desk.endpoint("hopeless", &["lead.created"]).await;
    desk.world.webhooks.refuse(Some(WebhookRefused::Unreachable));
    for number in 0..25 {
        desk.a_lead(&format!("Lead {number}")).await;
        desk.settle().await;
        desk.wait(SignedDuration::from_hours(5)).await;
    }
    desk.a_lead("The last").await;
    desk.settle().await;
    desk.wait(SignedDuration::from_hours(2)).await;
    assert_eq!(desk.kept(&told).await.disabled, Some(DisabledReason::Failing));
    let notices = desk.notices().await;
    let [notice] = &notices[..] else { panic!("one notice: {}", notices.len()) };
    assert!(
        notice.notice.message.as_str().contains("hopeless.example")
            && !notice.notice.message.as_str().contains("/hooks")
    );
    let events = desk.ask(Ask::get("/events?type=webhook_endpoint.disabled")).await.data(200);
    assert_eq!(events["events"][0]["data"]["details"]["reason"], "failing");
    desk.wait_minutes(5).await;
    let waits = desk.deliveries(&told).await.into_iter().filter(|one| one.parked).count();
    assert_eq!(waits, 0, "what waited has failed, so that it can be recovered");

    // Turned on again it begins anew, and gets what it missed.
    desk.world.webhooks.refuse(None);
    desk.change(&told, json!({"enabled": true})).await;
    let since = desk.world.platform.now() - SignedDuration::from_hours(24 * 10);
    desk.ask(Ask::post(format!("/webhook-endpoints/{}/recover", told.id), json!({"since": since}))).await.expect(202);
    desk.settle().await;
    // Those whose own rest is not over go on with it.
    desk.wait(SignedDuration::from_hours(26)).await;
    let left = desk.deliveries(&told).await.into_iter().filter(|one| one.status != DeliveryStatus::Succeeded);
    assert_eq!(left.map(|one| (one.status, one.parked, one.reason)).collect::<Vec<_>>(), []);
}

#[tokio::test]
async fn one_that_answers_that_it_is_gone_is_turned_off_at_once() {
    let desk = Desk::new().await;
    let told = desk.endpoint("gone", &["lead.created"]).await;
    desk.world.webhooks.answer(|_| Ok(Webhooks::status(410)));
    desk.a_lead("Asha Example").await;
    desk.settle().await;
    assert_eq!(desk.kept(&told).await.disabled, Some(DisabledReason::Gone));
    assert_eq!(desk.notices().await.len(), 1);
    desk.wait_minutes(3).await;
    assert_eq!(desk.calls(&told).len(), 1);
}

#[tokio::test]
async fn somebody_who_asks_is_served_though_the_endpoint_rests_and_that_wakes_it() {
    let desk = Desk::new().await;
    let told = desk.endpoint("resting", &["lead.created"]).await;
    desk.world.webhooks.answer(|_| Ok(Webhooks::status(503)));
    for number in 0..8 {
        desk.a_lead(&format!("Lead {number}")).await;
        desk.settle().await;
    }
    assert!(desk.health(&told).await.rests_until.is_some());
    let parked = desk.deliveries(&told).await.iter().filter(|delivery| delivery.parked).count();
    assert!(parked >= 3, "{parked} wait");
    desk.world.webhooks.refuse(None);
    desk.ask(Ask::new("POST", format!("/webhook-endpoints/{}/test", told.id))).await.expect(202);
    desk.settle().await;
    assert_eq!(desk.health(&told).await.rests_until, None);
    assert!(desk.deliveries(&told).await.iter().all(|delivery| !delivery.parked), "what waited is let go");
}

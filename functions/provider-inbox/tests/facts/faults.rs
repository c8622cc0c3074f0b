//! Whoever takes a delivery or does it may die at any write, and any write may go wrong: it is done once.

use domain::CallStatus;
use domain::integration::{Provider, Strangers};
use domain::provider_delivery::DeliveryStatus;
use jiff::SignedDuration;
use serde_json::json;
use standins::Fault;

use crate::support::Exchange;

/// A stranger calls and is missed, with a body that lies among the files; the provider tells it until it is heard.
async fn missed(exchange: &Exchange) {
    let told = |status: &str, note: usize| {
        let data = json!({
            "id": "c1", "status": status, "direction": "inbound", "from": "+919876543210", "note": "x".repeat(note),
        });
        json!({"type": "call.updated", "timestamp": exchange.world.platform.now(), "data": data}).to_string()
    };
    for (id, body) in [("e1", told("ringing", 0)), ("e2", told("no_answer", 9_000))] {
        if exchange.say(id, &body).await.status != 200 {
            exchange.succeed();
            exchange.say(id, &body).await.expect(200);
        }
        exchange.succeed();
        let waiting = exchange.waiting().await;
        let failed = exchange.bring(&waiting).await;
        exchange.succeed();
        let again: Vec<String> = failed.into_iter().map(|place| waiting[place].clone()).collect();
        exchange.bring(&again).await;
        exchange.succeed();
    }
}

async fn at_any_write(fault: Fault) {
    for write in 1.. {
        let exchange = Exchange::of(Provider::Telephony, |telephony| telephony.unknown_callers = Strangers::Lead).await;
        exchange.kill(Some((write, fault)));
        missed(&exchange).await;
        let writes = exchange.revive();
        for _ in 0..3 {
            exchange.later(SignedDuration::from_mins(11)).await;
        }
        let what = format!("{fault:?} at write {write} of {writes}");
        let call = exchange.the_call().await;
        assert_eq!(call.status, CallStatus::NoAnswer, "{what}");
        let leads = exchange.leads().await;
        assert_eq!((leads.len(), leads[0].touches), (1, 1), "{what}");
        assert_eq!(call.lead_id, Some(leads[0].id), "{what}");
        let deliveries = exchange.deliveries().await;
        assert_eq!(deliveries.len(), 2, "{what}");
        // One that was overtaken has nothing new to tell.
        let done = [DeliveryStatus::Processed, DeliveryStatus::Ignored];
        assert!(deliveries.iter().all(|delivery| done.contains(&delivery.status)), "{what}: {deliveries:?}");
        if writes < write {
            assert!(write > 6, "there are so many writes: {write}");
            return;
        }
    }
}

#[tokio::test]
async fn whoever_dies_before_any_write_is_made_up_for() {
    at_any_write(Fault::CrashBefore).await;
}

#[tokio::test]
async fn whoever_dies_after_any_write_is_made_up_for() {
    at_any_write(Fault::CrashAfter).await;
}

#[tokio::test]
async fn the_answer_to_any_write_may_be_lost() {
    at_any_write(Fault::Unanswered).await;
}

#[tokio::test]
async fn any_write_may_cross_another() {
    at_any_write(Fault::Conflict).await;
}

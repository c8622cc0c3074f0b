//! Whoever takes a delivery or does it may die at any write, and any write may go wrong: it is done once.

use domain::integration::{Provider, Strangers};
use domain::provider_delivery::DeliveryStatus;
use domain::{CallStatus, Communication, CommunicationStatus, ContactChannel};
use jiff::SignedDuration;
use serde_json::json;
use standins::{Callback, Fault};
use testkit::Answer;

use crate::outsiders::{ASHA, facebook, together, twilio_of, whatsapp};
use crate::support::Exchange;
use crate::written::form;

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

/// Told until it is heard, and done by whoever comes after those who die.
async fn heard(exchange: &Exchange, callback: &Callback) {
    heard_of(exchange, async || exchange.call(callback).await).await;
}

async fn heard_of(exchange: &Exchange, tell: impl AsyncFn() -> Answer) {
    if tell().await.status != 200 {
        exchange.succeed();
        tell().await.expect(200);
    }
    exchange.succeed();
    let waiting = exchange.waiting().await;
    let failed = exchange.bring(&waiting).await;
    exchange.succeed();
    let again: Vec<String> = failed.into_iter().map(|place| waiting[place].clone()).collect();
    exchange.bring(&again).await;
    exchange.succeed();
}

/// Nothing goes wrong any more, and the clock has looked at all that was lost.
async fn over(exchange: &Exchange) -> u64 {
    let writes = exchange.revive();
    for _ in 0..3 {
        exchange.later(SignedDuration::from_mins(11)).await;
    }
    let deliveries = exchange.deliveries().await;
    let done = [DeliveryStatus::Processed, DeliveryStatus::Ignored];
    assert_eq!(deliveries.len(), 1);
    assert!(done.contains(&deliveries[0].status), "{deliveries:?}");
    writes
}

const FAULTS: [Fault; 4] = [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict];

/// Two strangers write, and what one of them was sent before is read, all told in one body.
#[tokio::test]
async fn what_whatsapp_tells_is_done_once_whoever_dies_at_any_write() {
    for fault in FAULTS {
        for write in 1.. {
            let (exchange, double) = whatsapp(Strangers::Lead).await;
            let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
            exchange.sent(ours.clone(), &id).await;
            let one = double.message("wamid.1", "919876543210", "Asha", "Hello");
            let other = double.message("wamid.2", "919876543211", "Ravi", "Hello");
            let read = double.status(&id, "read", None).expect("a status");
            exchange.kill(Some((write, fault)));
            heard(&exchange, &together(&[one, read, other], |_| {})).await;
            let writes = over(&exchange).await;
            let what = format!("{fault:?} at write {write} of {writes}");
            let said = exchange.communications(exchange.tenant.branch).await;
            assert_eq!(said.len(), 3, "{what}");
            let leads = exchange.leads().await;
            assert!(leads.len() == 2 && leads.iter().all(|lead| lead.touches == 1), "{what}: {leads:?}");
            let ours: Communication = exchange.read(ours.id).await.expect("it is there");
            assert_eq!(ours.status, CommunicationStatus::Read, "{what}");
            if writes < write {
                assert!(write > 5, "there are so many writes: {write}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn forms_are_taken_once_whoever_dies_at_any_write() {
    for fault in FAULTS {
        for write in 1.. {
            let (exchange, page) = facebook().await;
            page.fill("1", &[("phone_number", ASHA)]);
            page.fill("2", &[("phone_number", ASHA), ("city", "Pune")]);
            exchange.kill(Some((write, fault)));
            heard(&exchange, &page.told(&["1", "2"])).await;
            let writes = over(&exchange).await;
            let what = format!("{fault:?} at write {write} of {writes}");
            let leads = exchange.leads().await;
            let [lead] = &leads[..] else { panic!("{what}: {leads:?}") };
            assert_eq!((lead.touches, lead.city.is_some()), (2, true), "{what}");
            if writes < write {
                assert!(write > 4, "there are so many writes: {write}");
                break;
            }
        }
    }
}

/// A lead wants no more, and a stranger writes that they want something.
#[tokio::test]
async fn what_is_written_by_sms_is_done_once_whoever_dies_at_any_write() {
    for fault in FAULTS {
        for (text, leads, stopped) in [("Stop", 1, true), ("Hello", 2, false)] {
            for write in 1.. {
                let (exchange, _) = twilio_of(Strangers::Lead).await;
                let lead = exchange.lead("+919876543211").await;
                let from = if stopped { "+919876543211" } else { ASHA };
                let form = form("SM1", text, &[("From", from)]);
                exchange.kill(Some((write, fault)));
                heard_of(&exchange, async || exchange.twilio(&form).await).await;
                let writes = over(&exchange).await;
                let what = format!("{text}: {fault:?} at write {write} of {writes}");
                let branch = if stopped { lead.branch_id } else { exchange.tenant.branch };
                assert_eq!(exchange.communications(branch).await.len(), 1, "{what}");
                assert_eq!(exchange.leads().await.len(), leads, "{what}");
                assert_eq!(exchange.ledger(from).await.len(), usize::from(stopped), "{what}");
                assert_eq!(exchange.is_suppressed(from, ContactChannel::Sms).await, stopped, "{what}");
                if writes < write {
                    assert!(write > 3, "there are so many writes: {write}");
                    break;
                }
            }
        }
    }
}

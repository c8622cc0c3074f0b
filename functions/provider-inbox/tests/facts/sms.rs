//! What became of text messages, and what a request of Twilio's is about.

use domain::{CallStatus, Communication, CommunicationStatus};
use jiff::SignedDuration;

use crate::outsiders::{ASHA, WORD, msg91, twilio};

#[tokio::test]
async fn twilio_tells_of_texts_and_of_calls_at_one_address() {
    let (exchange, double) = twilio().await;
    let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    let delivered = double.callback(&id, "delivered", None).expect("a callback");
    assert!(delivered.0.contains(&exchange.integration.id.to_string()), "{}", delivered.0);
    exchange.call_back(delivered).await.expect(200);
    exchange.settle().await;
    let waits: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!(waits.status, CommunicationStatus::Queued, "nobody knows yet whose it is");
    exchange.sent(ours.clone(), &id).await;
    exchange.later(SignedDuration::from_secs(30)).await;
    for status in ["sent", "queued"] {
        exchange.call_back(double.callback(&id, status, None).expect("a callback")).await.expect(200);
    }
    exchange.twilio("CallSid=CA1&CallStatus=ringing&Direction=inbound&From=%2B919876543210").await.expect(200);
    exchange.settle().await;
    let told: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!(told.status, CommunicationStatus::Delivered);
    assert_eq!(exchange.the_call().await.status, CallStatus::Ringing);
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn a_text_that_is_not_delivered_has_failed_with_twilios_code() {
    let (exchange, double) = twilio().await;
    let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    exchange.sent(ours.clone(), &id).await;
    let undelivered = double.callback(&id, "undelivered", Some(30_005)).expect("a callback");
    exchange.call_back(undelivered).await.expect(200);
    exchange.settle().await;
    let told: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!((told.status, told.failure.as_deref()), (CommunicationStatus::Failed, Some("Twilio's error 30005")));
}

#[tokio::test]
async fn msg91s_reports_end_alike_in_either_order() {
    for order in [[1, 16], [16, 1]] {
        let (exchange, double) = msg91().await;
        let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
        exchange.sent(ours.clone(), &id).await;
        for status in order {
            let report = double.report(&id, status).expect("a report");
            exchange.call_at(&format!("?token={WORD}"), &report).await.expect(200);
            exchange.settle().await;
        }
        let told: Communication = exchange.read(ours.id).await.expect("it is there");
        assert_eq!(told.status, CommunicationStatus::Delivered, "{order:?}");
        assert_eq!(told.failure.as_deref(), Some("MSG91: the operator rejected it"), "{order:?}");
    }
}

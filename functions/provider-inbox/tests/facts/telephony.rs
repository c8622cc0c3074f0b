//! Whose call it is, with whom, and where it stands.

use domain::integration::{Provider, Strangers};
use domain::{CallDirection, CallStatus};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::Exchange;

#[tokio::test]
async fn an_inbound_call_of_a_leads_number_is_with_that_lead() {
    let exchange = Exchange::new().await;
    let lead = exchange.lead("+919876543210").await;
    let told = |status: &str| json!({"id": "c1", "status": status, "direction": "inbound", "from": "098765 43210", "to": "+912227654321"});
    exchange.tell(told("ringing")).await;
    exchange.settle().await;
    let call = exchange.the_call().await;
    assert_eq!((call.status, call.direction), (CallStatus::Ringing, CallDirection::Inbound));
    assert_eq!((call.lead_id, call.branch_id), (Some(lead.id), lead.branch_id));
    // Nobody's number is in it, so it is the call of whose lead it is.
    assert_eq!(call.agent, exchange.agent.user);
    exchange.world.clock.advance(SignedDuration::from_secs(20));
    exchange.tell(told("no-answer")).await;
    exchange.settle().await;
    let call = exchange.the_call().await;
    assert_eq!((call.status, call.duration_seconds), (CallStatus::NoAnswer, Some(0)));
    assert_eq!(call.ended_at, Some(exchange.world.platform.now()));
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.subject == Some(call.id.to_string())), "{deliveries:?}");
}

#[tokio::test]
async fn an_outbound_call_is_the_persons_whose_number_is_in_it() {
    let exchange = Exchange::new().await;
    let data = json!({
        "id": "c1", "status": "completed", "direction": "outbound", "from": "+912226543210", "to": "+919876543210",
        "duration": 65, "recording_url": "https://recordings.example/c1",
    });
    exchange.tell(data).await;
    exchange.settle().await;
    let call = exchange.the_call().await;
    assert_eq!((call.agent, call.lead_id, call.branch_id), (exchange.agent.user, None, exchange.tenant.branch));
    assert_eq!((call.status, call.duration_seconds), (CallStatus::Completed, Some(65)));
    assert_eq!(call.phone.as_ref().map(ToString::to_string).as_deref(), Some("+919876543210"));
    assert_eq!(call.recording_url.as_ref().map(ToString::to_string).as_deref(), Some("https://recordings.example/c1"));
}

#[tokio::test]
async fn an_unknown_caller_is_kept_as_a_call_or_becomes_a_lead_as_the_connection_says() {
    let told = |number: &str| json!({"id": number, "status": "ringing", "direction": "inbound", "from": number});
    let keeps = Exchange::new().await;
    keeps.tell(told("+919876543210")).await;
    keeps.tell(told("anonymous")).await;
    keeps.settle().await;
    let calls = keeps.calls().await;
    assert_eq!((calls.len(), keeps.leads().await.len()), (2, 0));
    assert!(calls.iter().all(|call| call.lead_id.is_none() && call.agent == keeps.admin.user));

    let takes = Exchange::of(Provider::Telephony, |telephony| telephony.unknown_callers = Strangers::Lead).await;
    for number in ["+919876543210", "+919876543210 ", "hidden"] {
        takes.tell(told(number)).await;
        takes.settle().await;
    }
    let (leads, calls) = (takes.leads().await, takes.calls().await);
    let [lead] = &leads[..] else { panic!("one lead: {leads:?}") };
    assert_eq!(lead.source.as_ref().map(ToString::to_string).as_deref(), Some("Phone"));
    assert_eq!(calls.iter().filter(|call| call.lead_id == Some(lead.id)).count(), 1, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| call.lead_id.is_none()).count(), 1, "who hides their number is no lead");
}

#[tokio::test]
async fn twilio_tells_of_a_call_and_its_recording_in_any_order() {
    let exchange = Exchange::of(Provider::Twilio, |_| {}).await;
    let of = |more: &str| format!("CallSid=CA1&AccountSid=AC1&From=%2B919876543210&To=%2B912226543210&{more}");
    let recording = "CallSid=CA1&AccountSid=AC1&RecordingSid=RE1&RecordingStatus=completed\
                     &RecordingUrl=https%3A%2F%2Fapi.example%2FRE1";
    exchange.twilio(recording).await.expect(200);
    exchange.settle().await;
    assert!(exchange.calls().await.is_empty(), "nobody knows whose recording it is");
    exchange.twilio(&of("CallStatus=completed&Direction=inbound&CallDuration=30")).await.expect(200);
    exchange.twilio(&of("CallStatus=ringing&Direction=inbound")).await.expect(200);
    exchange.settle().await;
    exchange.later(SignedDuration::from_mins(1)).await;
    let call = exchange.the_call().await;
    assert_eq!((call.status, call.duration_seconds), (CallStatus::Completed, Some(30)));
    assert!(call.recording_url.is_some());
    assert_eq!(call.agent, exchange.agent.user);
    // What came too early is nobody's failure.
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn what_is_not_about_calls_is_ignored_and_kept() {
    let exchange = Exchange::of(Provider::Twilio, |_| {}).await;
    exchange.twilio("MessageSid=SM1&Unheard=1").await.expect(200);
    exchange.settle().await;
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries[0].status, domain::provider_delivery::DeliveryStatus::Ignored);
    assert!(exchange.calls().await.is_empty());
}

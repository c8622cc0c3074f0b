//! A campaign through the gateway, out of the queues, into the outbox and back: planned, sent, reported on, and counted.

use jiff::SignedDuration;
use local::doubles;
use local::{Local, Options};
use serde_json::{Value, json};
use standins::outbox::Filter;

use crate::caller::HttpCaller;

const EMAIL: &str = "a_campaigning_owner@example.com";
const PASSWORD: &str = "correct horse battery";

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_reaches_people_over_the_first_channel_that_does_and_counts_what_becomes_of_it() {
    // In the morning of India, when nobody sleeps.
    let options = Options { now: "2026-12-01T05:00:00Z".parse().ok(), ..Options::default() };
    let local = Local::start(options).await.expect("the platform starts");
    let mut owner = HttpCaller::of(&local.base_url);
    let body = json!({"organization_name": "Example Ltd", "first_name": "Asha", "email": EMAIL, "password": PASSWORD});
    owner.sign_in(&owner.post("/v1/auth/register", body).await.data(201));
    let settings = json!({"account_sid": doubles::TWILIO_ACCOUNT, "sender": doubles::TWILIO_SENDER});
    let credentials = json!({"auth_token": doubles::TWILIO_TOKEN});
    let connection = json!({"provider": "twilio", "name": "Texts", "settings": settings, "credentials": credentials});
    owner.post("/v1/integrations", connection).await.data(201);
    for (name, email, phone) in [
        ("Ravi", Some("ravi@example.com"), Some("+919876543211")),
        ("Meena", None, Some("+919876543212")),
        ("Kiran", None, None),
    ] {
        owner.post("/v1/leads", json!({"full_name": name, "email": email, "phone": phone})).await.data(201);
    }
    local.idle().await.expect("what follows is done");
    let body = json!({
        "name": "Fellowship Program Launch", "type": "multi_channel", "channels": ["email", "sms"], "status": "draft",
        "target_audience": "all", "subject": "Hello {{ lead.first_name }}",
        "content": "Dear {{ lead.name }}, see https://example.com/fellowship.",
    });
    let campaign = text(&owner.post("/v1/campaigns", body).await.data(201)["id"]);
    let launched = owner.post(&format!("/v1/campaigns/{campaign}/launch"), json!({})).await.expect(200).json();
    assert_eq!((&launched["recipients_count"], &launched["data"]["recipients_count"]), (&json!(3), &json!(3)));
    local.idle().await.expect("what follows is done");
    let recipients = owner.get(&format!("/v1/campaigns/{campaign}/recipients")).await.data(200);
    let stats = async || owner.get(&format!("/v1/campaigns/{campaign}/stats")).await.data(200);
    let now = stats().await;
    assert_eq!((&now["sent"], &now["refused"]), (&json!(2), &json!({"no_address": 1})), "{recipients}");
    let outbox = local.standins.ses.outbox();
    let sent_to = |to| outbox.find(Filter { to: Some(to), channel: None }, None, 10).expect("the outbox opens");
    let mails = sent_to("ravi@example.com");
    assert_eq!(mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["Hello Ravi"]);
    let texts = sent_to("+919876543212");
    assert!(String::from_utf8_lossy(&texts[0].raw).contains("Dear Meena"));
    // What is out is over.
    local.clock.advance(SignedDuration::from_mins(2)).expect("the clock moves");
    local.idle().await.expect("what follows is done");
    let shown = owner.get(&format!("/v1/campaigns/{campaign}")).await.data(200);
    assert_eq!((&shown["status"], &shown["total_recipients"]), (&json!("completed"), &json!(3)));
    local.shutdown().await;
}

//! What is not its provider's is refused, and nobody learns why.

use domain::integration::{CredentialsPatch, IntegrationPatch, Provider, SIGNING_SECRET};
use domain::{Change, MessageId};
use jiff::SignedDuration;
use providers::inbound::standard;
use testkit::{Answer, Ask};

use crate::support::{Desk, SECRET, form, path};

const BODY: &[u8] = br#"{"type": "call.updated", "data": {"id": "c1", "status": "ringing"}}"#;

/// An answer's body, but for what differs with every request.
pub(crate) fn words(answer: &Answer) -> String {
    let id = answer.json()["request_id"].as_str().expect("an id").to_owned();
    String::from_utf8_lossy(&answer.bytes).replace(&id, "…")
}

#[tokio::test]
async fn forged_truncated_and_misdirected_requests_are_404_in_the_same_words() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let nowhere = domain::IntegrationId::at(now, [9; 10]);
    let good = standard::sign(SECRET, "e1", now, BODY).expect("it is signed");
    let at = now.as_second().to_string();
    let other = standard::sign("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "e1", now, BODY).expect("it is signed");
    let twilio = desk.connect(Provider::Twilio).await;
    let asks: Vec<(&str, Ask)> = vec![
        ("another secret", desk.standard("e1", &at, &other, BODY)),
        ("another id", desk.standard("e2", &at, &good, BODY)),
        ("another body", desk.standard("e1", &at, &good, &BODY[1..])),
        ("truncated", desk.standard("e1", &at, &good, &BODY[..BODY.len() - 1])),
        ("no body", desk.standard("e1", &at, &good, b"")),
        ("a truncated signature", desk.standard("e1", &at, &good[..good.len() - 4], BODY)),
        ("no signature", Ask::new("POST", path(&desk.line)).body("application/json", BODY)),
        ("another time", desk.standard("e1", &(now.as_second() + 1).to_string(), &good, BODY)),
        ("no time", desk.standard("e1", "today", &good, BODY)),
        ("nowhere", Ask::new("POST", format!("/v1/webhooks/telephony/{nowhere}"))),
        ("no id", Ask::new("POST", "/v1/webhooks/telephony/intg_1")),
        ("no provider", Ask::new("POST", format!("/v1/webhooks/carrier-pigeon/{}", desk.line.id))),
        ("another provider", Ask::new("POST", format!("/v1/webhooks/twilio/{}", desk.line.id))),
        ("Twilio, unsigned", Ask::new("POST", path(&twilio)).body("application/x-www-form-urlencoded", "CallSid=CA1")),
        ("Twilio, for another address", form(&twilio, "https://elsewhere.example/", "CallSid=CA1")),
    ];
    let mut all = std::collections::BTreeSet::new();
    for (what, ask) in asks {
        let answer = desk.of(ask).await;
        assert_eq!(answer.status, 404, "{what}");
        assert!(answer.header("ratelimit-limit").is_none(), "{what}");
        all.insert(words(&answer));
    }
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(desk.waiting().await.is_empty());
    desk.of(desk.standard("e1", &at, &good, BODY)).await.expect(200);
    assert_eq!(desk.waiting().await.len(), 1);
}

#[tokio::test]
async fn a_request_is_good_for_five_minutes_before_and_behind_our_clock() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    for (apart, status) in [(-301, 404), (-300, 200), (300, 200), (301, 404)] {
        let at = now + SignedDuration::from_secs(apart);
        let answer = desk.of(desk.signed(&format!("e{apart}"), at, BODY)).await;
        assert_eq!(answer.status, status, "{apart} s");
    }
    assert_eq!(desk.waiting().await.len(), 2);
}

#[tokio::test]
async fn twilio_signs_the_address_that_it_was_given_with_its_query() {
    let desk = Desk::new().await;
    let twilio = desk.connect(Provider::Twilio).await;
    let body = "CallSid=CA1&CallStatus=ringing";
    let given = format!("https://api.sampark.test{}", path(&twilio));
    desk.of(form(&twilio, &given, body)).await.expect(200);
    let signature =
        providers::inbound::twilio::sign(crate::support::TOKEN, &format!("{given}?a=1&b=%2B"), body.as_bytes());
    for (query, status) in [("?a=1&b=%2B", 200), ("?a=1", 404), ("", 404)] {
        let ask = Ask::new("POST", format!("{}{query}", path(&twilio)))
            .body("application/x-www-form-urlencoded", body)
            .header("x-twilio-signature", &signature);
        assert_eq!(desk.of(ask).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn an_address_that_names_our_message_is_kept_with_what_twilio_tells_there() {
    let desk = Desk::new().await;
    let twilio = desk.connect(Provider::Twilio).await;
    let now = desk.world.platform.now();
    let ours = MessageId::at(now, desk.world.platform.random());
    let named = ["", "?message=none", &format!("?message={ours}")].map(str::to_owned);
    for (place, query) in named.iter().enumerate() {
        let body = format!("MessageSid=SM{place}&MessageStatus=sent");
        let given = format!("https://api.sampark.test{}{query}", path(&twilio));
        let signature = providers::inbound::twilio::sign(crate::support::TOKEN, &given, body.as_bytes());
        let ask = Ask::new("POST", format!("{}{query}", path(&twilio)))
            .body("application/x-www-form-urlencoded", body)
            .header("x-twilio-signature", signature);
        desk.of(ask).await.expect(200);
    }
    let mut kept = Vec::new();
    for step in desk.waiting().await {
        kept.push(desk.delivery(&step).await.message);
    }
    assert_eq!(kept, [None, None, Some(ours)]);
}

#[tokio::test]
async fn a_connection_that_is_paused_deleted_or_without_its_secret_takes_nothing() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let paused = IntegrationPatch { is_active: Some(false), ..IntegrationPatch::default() };
    let active = IntegrationPatch { is_active: Some(true), ..IntegrationPatch::default() };
    let credentials = CredentialsPatch::from([(SIGNING_SECRET.to_owned(), None)]);
    let bare = IntegrationPatch { credentials, ..IntegrationPatch::default() };
    desk.change(&paused).await;
    desk.of(desk.signed("e1", now, BODY)).await.expect(404);
    desk.change(&active).await;
    desk.of(desk.signed("e1", now, BODY)).await.expect(200);
    desk.change(&bare).await;
    desk.of(desk.signed("e2", now, BODY)).await.expect(404);
    let table = desk.world.platform.table();
    let line: domain::Integration = table.get_to_change(&desk.grant, desk.line.id).await.expect("a connection");
    table.commit(&desk.grant, Change::delete(line, now, "integration.deleted")).await.expect("it is deleted");
    desk.of(desk.signed("e3", now, BODY)).await.expect(404);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_taken_and_a_longer_one_is_not() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let body = vec![b'x'; 1024 * 1024];
    desk.of(desk.signed("e1", now, &body)).await.expect(200);
    let longer = vec![b'x'; 1024 * 1024 + 1];
    desk.of(desk.signed("e2", now, &longer)).await.expect(413);
    assert_eq!(desk.waiting().await.len(), 1);
}

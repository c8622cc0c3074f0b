use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    Actor, Event, FieldChange, PersonalFields, Record as _, UserId, WebhookDelivery, WebhookEndpoint, WebhookHealth,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
}

fn organization() -> OrganizationId {
    OrganizationId::at(at(0), [1; 10])
}

fn endpoint() -> WebhookEndpoint {
    let details = EndpointDetails {
        url: "https://hooks.example/a".parse().expect("an address"),
        description: None,
        events: EventPatterns::new(vec!["lead.*".parse().expect("a pattern")]).expect("patterns"),
        headers: WebhookHeaders::default(),
        enabled: true,
    };
    let (id, maker) = (WebhookEndpointId::at(at(0), [2; 10]), UserId::at(at(0), [3; 10]));
    let secret = WebhookSecret::new([7; 32]);
    WebhookEndpoint::create(id, organization(), details, secret, (maker, PersonalFields::ALL), at(0)).after
}

fn an_attempt(status: Option<u16>) -> Attempt {
    let (error, headers) = (status.is_none().then(|| "webhook_timed_out".to_owned()), Map::new());
    Attempt { at: at(0), status, error, duration_ms: 5, headers, body: None }
}

fn a_delivery() -> WebhookDelivery {
    let id = WebhookDeliveryId::at(at(0), [4; 10]);
    WebhookDelivery::of_test(organization(), id, endpoint().id, at(0)).after
}

#[test]
fn a_pattern_means_one_type_those_of_a_record_or_all() {
    let fits = |pattern: &str, kind: &str| pattern.parse::<EventPattern>().expect("a pattern").fits(kind);
    assert!(fits("lead.created", "lead.created") && !fits("lead.created", "lead.created_again"));
    assert!(fits("lead.*", "lead.created") && !fits("lead.*", "lead_pipeline.updated"));
    assert!(fits("*", "anything.happened"));
    for bad in ["", "lead", "lead.", ".created", "lead.cre*", "le*.created", "Lead.created", "a.b.c", "**", "lead .*"] {
        assert!(bad.parse::<EventPattern>().is_err(), "{bad}");
    }
}

#[test]
fn an_address_is_https_or_of_this_very_machine() {
    for good in ["https://hooks.example/a?b=c", "http://localhost:8000/a", "http://127.0.0.1/", "http://[::1]:1/"] {
        assert_eq!(good.parse::<WebhookUrl>().map(|url| url.to_string()), Ok(good.to_owned()));
    }
    for bad in [
        "http://hooks.example/",
        "http://localhost.example/",
        "http://localhost@hooks.example/",
        "http://127.0.0.1.example/",
        "https://me:secret@hooks.example/",
        "https://hooks.example/#part",
        "ftp://localhost/",
        "",
    ] {
        assert!(bad.parse::<WebhookUrl>().is_err(), "{bad}");
    }
}

#[test]
fn headers_are_few_and_none_of_ours() {
    let read = |value: Value| WebhookHeaders::read(value.as_object().expect("an object").clone());
    let good = read(json!({"Authorization": "Bearer example", "x-tenant": "a b"})).expect("headers");
    assert_eq!(good.names().collect::<Vec<_>>(), ["authorization", "x-tenant"]);
    assert!(!format!("{good:?}").contains("Bearer"), "a value is no log's");
    for bad in [
        json!({"Host": "a"}),
        json!({"webhook-signature": "v1,a"}),
        json!({"Content-Length": "1"}),
        json!({"proxy-authorization": "a"}),
        json!({"a b": "c"}),
        json!({"": "c"}),
        json!({"x-a": "line\r\nx-b: c"}),
        json!({"x-a": "é"}),
        json!({"x-a": 1}),
        json!({"x-a": "1", "X-A": "2"}),
        Value::Object((0..21).map(|n| (format!("x-{n}"), json!("a"))).collect()),
    ] {
        assert!(read(bad.clone()).is_err(), "{bad}");
    }
}

/// The example of the specification's own libraries.
#[test]
fn a_signature_is_that_of_the_specification() {
    let secret: WebhookSecret =
        serde_json::from_value(json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).expect("a secret");
    let time = Timestamp::from_second(1_614_265_330).expect("a time");
    let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time, r#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert!(!format!("{secret:?}").contains("MfKQ"), "a secret is no log's");
    assert_eq!(WebhookSecret::new([7; 32]).text().len(), "whsec_".len() + 44);
}

#[test]
fn after_a_rotation_both_secrets_sign_for_a_day() {
    let old = endpoint();
    let change = old.clone().rotate(WebhookSecret::new([8; 32]), at(10));
    assert!(!serde_json::to_string(&change.changes()).expect("JSON").contains("whsec_"), "no history tells it");
    assert_eq!(change.changes().len(), 1, "that it was is told");
    let both: Vec<_> = change.after.secrets(at(10)).cloned().collect();
    assert_eq!(both, [WebhookSecret::new([8; 32]), old.secret]);
    assert_eq!(change.after.secrets(at(10) + OVERLAP).count(), 1);
}

#[test]
fn whoever_changes_an_endpoint_does_not_widen_what_it_is_told_of_people() {
    let masked = endpoint().update(EndpointPatch::default(), PersonalFields::NONE, at(1)).after;
    assert_eq!(masked.clear, PersonalFields::NONE);
    assert_eq!(masked.update(EndpointPatch::default(), PersonalFields::ALL, at(2)).after.clear, PersonalFields::NONE);
}

#[test]
fn an_endpoint_wants_what_happened_since_it_was_there_and_on() {
    let endpoint = endpoint();
    assert!(endpoint.wants("lead.created", at(0)) && !endpoint.wants("lead.created", at(-1)));
    assert!(!endpoint.wants("call.created", at(1)));
    let off = endpoint.disable(DisabledReason::Gone, at(1)).expect("it was on").after;
    assert!(!off.wants("lead.created", at(2)));
    assert!(off.clone().disable(DisabledReason::Failing, at(2)).is_none());
    let on = off.update(EndpointPatch { enabled: Some(true), ..EndpointPatch::default() }, PersonalFields::ALL, at(3));
    assert_eq!((on.kind, on.after.is_enabled()), ("webhook_endpoint.enabled", true));
}

#[test]
fn a_delivery_rests_longer_each_time_and_then_has_failed() {
    let (mut now, mut delivery) = (at(0), a_delivery());
    for rest in RESTS {
        delivery = delivery.taken(now).after;
        assert!(!delivery.is_waiting(now));
        let longest = delivery.clone().tried(an_attempt(Some(500)), None, u8::MAX, now).after.next_try_at;
        assert!(longest > now + rest && longest <= now + rest + rest / 10);
        delivery = delivery.tried(an_attempt(Some(500)), None, 0, now).after;
        assert_eq!((delivery.status, delivery.due()), (DeliveryStatus::Pending, Some(now + rest)));
        now += rest;
        assert!(delivery.is_waiting(now));
    }
    let over = delivery.taken(now).after.tried(an_attempt(None), None, 0, now).after;
    assert_eq!(
        (over.status, over.reason.as_deref(), over.due()),
        (DeliveryStatus::Failed, Some("too_many_tries"), None)
    );
    assert_eq!((over.tries, over.attempts.len()), (MAX_TRIES, MAX_ATTEMPTS));
    let again = over.again(true, now).after;
    assert_eq!((again.tries, again.attempts.len(), again.asked_for), (0, MAX_ATTEMPTS, true));
    let taken = again.taken(now).after.tried(an_attempt(Some(204)), None, 0, now).after;
    assert_eq!((taken.status, taken.attempts.len()), (DeliveryStatus::Succeeded, MAX_ATTEMPTS));
}

#[test]
fn a_receiver_may_ask_for_a_longer_rest_but_no_shorter_one() {
    let rests = |asked| {
        let delivery = a_delivery().taken(at(0)).after.tried(an_attempt(Some(503)), Some(asked), 0, at(0)).after;
        delivery.next_try_at.duration_since(at(0))
    };
    assert_eq!(rests(SignedDuration::from_secs(120)), SignedDuration::from_secs(120));
    assert_eq!(rests(SignedDuration::from_secs(1)), RESTS[0]);
    assert_eq!(rests(SignedDuration::from_hours(1_000)), SignedDuration::from_hours(24));
}

#[test]
fn an_endpoint_that_fails_again_and_again_rests_and_one_is_sent_ahead() {
    let mut health = WebhookHealth::new(organization(), endpoint().id, at(0));
    for _ in 0..TRIPS_AT {
        assert_eq!(health.standing(at(0)), Standing::Well);
        health = health.failed(false, None, at(0)).expect("news").after;
    }
    assert_eq!((health.standing(at(59)), health.standing(at(60))), (Standing::Rests, Standing::Ahead));
    assert!(health.clone().failed(false, None, at(1)).is_none(), "what was under way makes no rest longer");
    let mut now = at(60);
    for minutes in [2, 4, 8, 16, 32, 60, 60] {
        health = health.sends_ahead(now).after;
        assert_eq!(health.standing(now), Standing::Rests, "one alone is sent ahead");
        health = health.failed(true, None, now).expect("news").after;
        now += SignedDuration::from_mins(minutes);
        assert_eq!((health.due(), health.standing(now)), (Some(now), Standing::Ahead));
    }
    assert!(!health.is_hopeless(now) && health.is_hopeless(at(0) + HOPELESS));
    let well = health.succeeded(now).expect("news").after;
    assert_eq!((well.standing(now), well.failing_since, well.due()), (Standing::Well, None, Some(now + LEASE)));
    assert!(well.clone().succeeded(now).is_none(), "a busy endpoint costs no write a call");
    assert!(well.succeeded(now + SignedDuration::from_mins(1)).is_some());
}

#[test]
fn personal_fields_are_masked_wherever_they_stand() {
    let change = |field: &str, after: Value| FieldChange { field: field.to_owned(), before: Value::Null, after };
    let event = Event {
        id: crate::EventId::at(at(0), [5; 10]),
        kind: "lead.updated".to_owned(),
        organization: organization(),
        record: "lead".to_owned(),
        subject: "lead_x".to_owned(),
        version: 2,
        at: at(0),
        actor: Actor::Visitor,
        origin: None,
        changes: vec![change("email", json!("asha@example.com")), change("city", json!("Pune"))],
        reason: None,
        data: json!({"to": "+919876543210"}).as_object().expect("an object").clone(),
    };
    let text = |clear| serde_json::to_string(&EventMessage::of(event.clone(), clear)).expect("JSON");
    let masked = text(PersonalFields::NONE);
    assert!(!masked.contains("asha@") && !masked.contains("9876543210") && masked.contains("Pune"), "{masked}");
    assert!(text(PersonalFields::ALL).contains("asha@example.com"));
    assert!(
        masked.starts_with(r#"{"type":"lead.updated","timestamp":""#),
        "the envelope of the specification: {masked}"
    );
}

proptest! {
    #[test]
    fn no_text_breaks_a_pattern_or_an_address(text in "(http://localhost|https://)?\\PC{0,40}") {
        if let Ok(pattern) = text.parse::<EventPattern>() {
            prop_assert_eq!(pattern.as_str().parse::<EventPattern>(), Ok(pattern.clone()));
        }
        if let Ok(url) = text.parse::<WebhookUrl>() {
            prop_assert_eq!(url.as_str().parse::<WebhookUrl>(), Ok(url.clone()));
        }
    }

    #[test]
    fn no_header_of_any_shape_breaks_a_request(name in "\\PC{0,30}", value in "\\PC{0,30}") {
        let map: Map<String, Value> = [(name, json!(value))].into_iter().collect();
        if let Ok(headers) = WebhookHeaders::read(map) {
            for (name, value) in headers.iter() {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            }
        }
    }
}

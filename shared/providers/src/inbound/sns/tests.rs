//! Against messages that OpenSSL signs: `tests/signatures/sns.py`.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";

/// SNS as it would answer, and how often it was asked.
#[derive(Debug)]
struct Web(Option<Bytes>, AtomicUsize);

#[async_trait::async_trait]
impl SnsWeb for Web {
    async fn get(&self, _: &str) -> Result<Bytes, Unfetched> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.clone().ok_or(Unfetched)
    }
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../tests/signatures/sns.json")).expect("it is JSON")
}

fn web() -> Web {
    let pem = fixture()["certificate"].as_str().expect("a certificate").to_owned();
    Web(Some(Bytes::from(pem)), AtomicUsize::new(0))
}

fn messages() -> Vec<Value> {
    fixture()["messages"].as_array().expect("a list").clone()
}

async fn verified(message: &Value, web: &Web) -> Result<Notice, Untaken> {
    verify(TOPIC, message.to_string().as_bytes(), web).await
}

#[tokio::test]
async fn what_sns_signs_is_taken_in_both_versions() {
    for (number, message) in messages().iter().enumerate() {
        let notice = verified(message, &web()).await.expect("it is genuine");
        assert_eq!(notice.id, message["MessageId"].as_str().expect("an id"));
        assert_eq!(notice.at.as_second(), 1_795_168_800);
        let told = message["Message"].as_str().expect("a text").to_owned();
        let kind = match number % 4 {
            0 | 1 => NoticeKind::Published { message: told },
            2 => NoticeKind::Subscription { confirm_at: message["SubscribeURL"].as_str().expect("a text").to_owned() },
            _ => NoticeKind::Unsubscribed,
        };
        assert_eq!(notice.kind, kind);
    }
}

#[test]
fn what_was_found_genuine_reads_again_and_a_subscription_is_confirmed_in_the_topics_own_region() {
    let all = messages();
    for message in &all {
        assert!(read(TOPIC, message.to_string().as_bytes()).is_ok());
        assert!(read("arn:aws:sns:ap-south-1:123456789012:other", message.to_string().as_bytes()).is_err());
    }
    let mut question = all[2].clone();
    for url in [
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.ap-south-1.amazonaws.com.example.com/",
        "https://example.com/",
        "http://sns.ap-south-1.amazonaws.com/",
    ] {
        question["SubscribeURL"] = url.into();
        assert!(read(TOPIC, question.to_string().as_bytes()).is_err(), "{url}");
    }
}

#[tokio::test]
async fn whatever_is_altered_is_refused() {
    for message in messages() {
        for name in ["Message", "MessageId", "Subject", "Timestamp", "Type", "Token", "SubscribeURL"] {
            let mut altered = message.clone();
            match altered.get(name).and_then(Value::as_str) {
                Some(text) => altered[name] = format!("{text}x").into(),
                None => altered[name] = "x".into(),
            }
            // A name that stands where the kind has none is not looked at.
            let is_signed = message.get(name).is_some() || (name == "Subject" && message["Type"] == "Notification");
            let taken = verified(&altered, &web()).await;
            assert_eq!(taken.is_err(), is_signed, "{name}: {taken:?}");
        }
        let mut version = message.clone();
        version["SignatureVersion"] = if message["SignatureVersion"] == "1" { "2" } else { "1" }.into();
        assert_eq!(verified(&version, &web()).await, Err(Forged::Mismatch.into()), "another version");
        let mut unsigned = message.clone();
        unsigned["Signature"] = "!".into();
        assert_eq!(verified(&unsigned, &web()).await, Err(Forged::Unsigned.into()));
        let other = verify("arn:aws:sns:ap-south-1:123456789012:other", message.to_string().as_bytes(), &web()).await;
        assert_eq!(other, Err(Forged::Mismatch.into()), "another topic");
    }
}

#[tokio::test]
async fn no_certificate_is_fetched_from_elsewhere() {
    let mut message = messages().remove(0);
    for url in [
        "http://sns.ap-south-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.ap-south-1.amazonaws.com.example.com/SimpleNotificationService-1.pem",
        "https://sns.ap-south-1.amazonaws.com@example.com/SimpleNotificationService-1.pem",
        "https://user@sns.ap-south-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.ap-south-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://sns.example.com/.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.a.b.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns..amazonaws.com/SimpleNotificationService-1.pem",
        "https://s3.ap-south-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.ap-south-1.amazonaws.com/other/SimpleNotificationService-1.pem",
        "https://sns.ap-south-1.amazonaws.com/SimpleNotificationService-1/../x.pem",
        "https://sns.ap-south-1.amazonaws.com/SimpleNotificationService-1.pem?x",
        "https://sns.ap-south-1.amazonaws.com/?Action=Publish",
        "",
    ] {
        let web = web();
        message["SigningCertURL"] = url.into();
        assert_eq!(verified(&message, &web).await, Err(Forged::Unsigned.into()), "{url}");
        assert_eq!(web.1.load(Ordering::SeqCst), 0, "{url}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_none_or_another_s_proves_nothing() {
    let message = messages().remove(4);
    let none = Web(Some(Bytes::from_static(b"<html>")), AtomicUsize::new(0));
    assert_eq!(verified(&message, &none).await, Err(Forged::Unsigned.into()));
    let made = rcgen::generate_simple_self_signed(["sns.amazonaws.com".to_owned()]).expect("a certificate");
    let another = Web(Some(Bytes::from(made.cert.pem())), AtomicUsize::new(0));
    assert_eq!(verified(&message, &another).await, Err(Forged::Mismatch.into()));
    let gone = Web(None, AtomicUsize::new(0));
    assert_eq!(verified(&message, &gone).await, Err(Unfetched.into()), "later it may be there");
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_sns_alone() {
    let mut message = messages().remove(2);
    message["SubscribeURL"] = "https://example.com/".into();
    let envelope: Envelope = serde_json::from_value(message).expect("an envelope");
    assert!(notice(envelope).is_err());
    let nonsense = json!({"Type": "Notification"}).to_string();
    assert!(matches!(verify(TOPIC, nonsense.as_bytes(), &web()).await, Err(Untaken::Unreadable(_))));
    assert!(matches!(verify(TOPIC, " ".repeat(MAX_BODY + 1).as_bytes(), &web()).await, Err(Untaken::Unreadable(_))));
}

proptest! {
    #[test]
    fn only_sns_is_sns(host in "[a-z0-9.@:/-]{0,30}", path in "[ -~]{0,20}") {
        let url = format!("https://{host}/{path}");
        if let Some(uri) = is_sns(&url) {
            let host = uri.host().expect("a host");
            prop_assert!(host.starts_with("sns.") && host.ends_with(".amazonaws.com"));
            prop_assert_eq!(uri.authority().map(http::uri::Authority::as_str), Some(host));
            prop_assert_eq!(host.split('.').count(), 4);
        }
    }
}

use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::config::Credentials;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};
use providers::inbound::ses::{self, MailEventKind};
use providers::{SendError, TextMessage, TextSender as _};
use standins::outbox::Filter;
use standins::sqs::Queue;
use standins::{Fault, Faults, ManualClock, Outbox, Ses, Setup, Sms, Standins};

const MAIL: &str = "From: Example CRM <crm@example.com>\r\nTo: a_lead@example.com\r\nCc: <other@example.com>\r\n\
    Subject: =?utf-8?B?R3LDvMOfZQ==?= & more\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello + goodbye = 100 %\r\n";

#[tokio::test]
async fn a_message_sent_is_read_in_the_outbox_byte_for_byte() {
    let clock = ManualClock::new(1_000);
    let setup = Setup { clock: clock.arc(), ..Setup::default() };
    let ses = Ses::new(Outbox::memory(&setup.clock).expect("opens"), &setup);
    let message = RawMessage::builder().data(Blob::new(MAIL)).build().expect("complete");
    let sent = ses.client().send_raw_email().raw_message(message.clone()).send().await.expect("sent");
    clock.tick(Duration::from_millis(1_500));
    let second = ses.client().send_raw_email().raw_message(message).source("bounce@example.com");
    second.destinations("one@example.com").destinations("two@example.com").send().await.expect("sent");

    let kept = ses.outbox().messages(None, 10).expect("listed");
    assert_eq!(kept.len(), 2);
    let [newest, oldest] = &kept[..] else { panic!("two") };
    assert_eq!(oldest.raw, MAIL.as_bytes());
    assert_eq!((oldest.from.as_str(), oldest.subject.as_str()), ("crm@example.com", "Grüße & more"));
    assert_eq!(oldest.to, ["a_lead@example.com", "other@example.com"]);
    assert_eq!((oldest.at, oldest.channel.as_str()), (1_000_000, "email"));
    assert!(sent.message_id().ends_with(&oldest.id.to_string()));
    assert_eq!(newest.from, "bounce@example.com");
    assert_eq!(newest.to, ["one@example.com", "two@example.com"]);
    assert_eq!(newest.at, 1_001_500);
    assert_eq!(ses.outbox().messages(Some(newest.id), 10).expect("listed"), std::slice::from_ref(oldest));
    assert_eq!(ses.outbox().message(newest.id).expect("found").as_ref(), Some(newest));
    assert_eq!(ses.outbox().count().expect("counted"), 2);
}

#[tokio::test]
async fn that_it_has_a_mail_is_published_a_moment_later_where_a_configuration_set_says_so() {
    let clock = ManualClock::new(1_000);
    let setup = Setup { clock: clock.arc(), ..Setup::default() };
    let standins = Standins::memory_with(&setup).expect("opens");
    let queue = standins.sqs.create_queue(&Queue::named("told")).await.expect("a queue");
    standins.ses.publish_into(&standins.sqs, &queue);
    let message = RawMessage::builder().data(Blob::new(MAIL)).build().expect("complete");
    let tag = MessageTag::builder().name("message").value("msg_1").build().expect("complete");
    let own = standins.ses.client();
    let credentials = Credentials::new("an-organization", "not-a-secret", None, None, "test");
    let theirs = Client::from_conf(own.config().to_builder().credentials_provider(credentials).build());
    let elsewhere = theirs.send_raw_email().raw_message(message.clone()).configuration_set_name("events");
    elsewhere.send().await.expect("sent");
    let sending = || own.send_raw_email().raw_message(message.clone());
    sending().send().await.expect("sent");
    let sent = sending().configuration_set_name("events").tags(tag).send().await.expect("sent");
    let told = async || {
        let client = standins.sqs.client();
        let answer = client.receive_message().queue_url(&queue).max_number_of_messages(10).send().await;
        answer.expect("messages").messages.unwrap_or_default()
    };
    assert_eq!(told().await.len(), 0, "it comes later");
    clock.tick(Duration::from_secs(1));
    // Another account's configuration set publishes elsewhere.
    let [event] = &told().await[..] else { panic!("one") };
    let event = ses::read(event.body().expect("a body")).expect("it reads");
    assert_eq!((event.id.as_str(), event.kind), (sent.message_id(), MailEventKind::Sent));
    assert_eq!(event.message.as_deref(), Some("msg_1"));
}

#[tokio::test]
async fn a_message_to_nobody_is_refused() {
    let setup = Setup::default();
    let ses = Ses::new(Outbox::memory(&setup.clock).expect("opens"), &setup);
    let message = RawMessage::builder().data(Blob::new("From: a@example.com\r\n\r\nHello")).build().expect("complete");
    let error = ses.client().send_raw_email().raw_message(message).send().await.expect_err("refused");
    assert_eq!(error.into_service_error().meta().code(), Some("InvalidParameterValue"));
    assert_eq!(ses.outbox().count().expect("counted"), 0);
}

fn hello() -> TextMessage {
    TextMessage {
        id: "msg_1".to_owned(),
        to: "+919876543210".to_owned(),
        text: "Hello".to_owned(),
        sender: None,
        template: None,
    }
}

#[tokio::test]
async fn a_text_message_lies_in_the_same_outbox_and_is_found_by_its_number() {
    let setup = Setup::default();
    let outbox = Outbox::memory(&setup.clock).expect("opens");
    let sms = Sms::new(outbox.clone(), &setup);
    let text = hello();
    let sent = sms.send(&text).await.expect("sent");
    let other = TextMessage { to: "+919876543211".to_owned(), ..text };
    sms.send(&other).await.expect("sent");
    let to = Filter { to: Some("+919876543210"), ..Filter::default() };
    let [kept] = &outbox.find(to, None, 10).expect("listed")[..] else { panic!("one") };
    assert_eq!((kept.channel.as_str(), kept.raw.as_slice()), ("sms", &b"Hello"[..]));
    assert!(sent.ends_with(&kept.id.to_string()));
    assert_eq!(outbox.count().expect("counted"), 2);
}

#[tokio::test]
async fn a_text_message_that_is_not_taken_says_so() {
    for (fault, kept) in [(Fault::Throttled, 0), (Fault::Lost, 0), (Fault::Unanswered, 1)] {
        let is_known = fault != Fault::Unanswered;
        let faults = Faults::decided_by(move |_| Some(fault));
        let setup = Setup { faults, ..Setup::default() };
        let outbox = Outbox::memory(&setup.clock).expect("opens");
        let text = hello();
        let refused = Sms::new(outbox.clone(), &setup).send(&text).await.expect_err("not taken");
        assert_eq!(matches!(refused, SendError::NotTaken { .. }), is_known, "{refused:?}");
        assert_eq!(matches!(refused, SendError::Unknown(_)), !is_known, "{refused:?}");
        assert_eq!(outbox.count().expect("counted"), kept, "{fault:?}");
    }
}

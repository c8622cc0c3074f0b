//! A message is sent once, on its channel, and ends.

use domain::message::{LEASE, MAX_TRIES, MessageState, RESTS};
use domain::{MessageTemplate, Recipient};
use jiff::SignedDuration;
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::json;
use standins::Fault;

use crate::support::{Desk, by_mail};

#[tokio::test]
async fn a_mail_has_text_and_html_and_ends_with_the_providers_id() {
    let desk = Desk::new().await;
    let values = json!({"code": "123456", "minutes": 5});
    let message = desk.queue(by_mail("asha@example.com"), MessageTemplate::SignInCode, values).await;
    desk.send(&[&message]).await;

    let [sent] = &desk.outbox()[..] else { panic!("one mail") };
    assert_eq!((sent.channel.as_str(), &sent.to[..]), ("email", &["asha@example.com".to_owned()][..]));
    let mail = MessageParser::default().parse(&sent.raw).expect("a mail");
    assert_eq!(mail.message_id(), Some(format!("{}@sampark.example", message.id).as_str()));
    assert_eq!(mail.subject(), Some("Your code to sign in to Sampark"));
    assert!(mail.body_text(0).expect("text").contains("Your code to sign in is 123456"));
    assert!(mail.body_html(0).expect("HTML").contains("<strong>123456</strong>"));
    assert_eq!(mail.root_part().content_type().and_then(|kind| kind.subtype()), Some("alternative"));

    let kept = desk.read(&message).await;
    assert_eq!((kept.state, kept.tries, kept.failure.as_deref()), (MessageState::Sent, 1, None));
    assert_eq!(kept.sent_at, Some(desk.world.platform.now()));
    assert_eq!(kept.provider_id, Some(format!("{:016}", sent.id)));
    assert_eq!(serde_json::Value::from(kept.values), json!({"minutes": 5}), "the code is gone");
}

#[tokio::test]
async fn a_text_message_goes_through_its_own_provider() {
    let desk = Desk::new().await;
    let to = Recipient::Sms("+919876543210".parse().expect("a number"));
    let message = desk.queue(to, MessageTemplate::SignInCode, json!({"code": "123456", "minutes": 5})).await;
    desk.send(&[&message]).await;
    let [sent] = &desk.outbox()[..] else { panic!("one message") };
    assert_eq!((sent.channel.as_str(), &sent.to[..]), ("sms", &["+919876543210".to_owned()][..]));
    assert!(String::from_utf8_lossy(&sent.raw).starts_with("123456 is your code"));
    assert!(desk.read(&message).await.provider_id.is_some());
}

#[tokio::test]
async fn without_a_provider_a_text_message_fails_and_says_so() {
    let desk = Desk::new().await;
    let to = Recipient::Sms("+919876543210".parse().expect("a number"));
    let message = desk.queue(to, MessageTemplate::SignInCode, json!({"code": "123456", "minutes": 5})).await;
    let world = &desk.world;
    let clock = std::sync::Arc::new(world.clock.clone());
    let entropy = std::sync::Arc::new(testkit::SeededEntropy::new(2));
    let settings = world.platform.settings().clone();
    let platform = runtime::Platform::new(settings, world.standins.dynamo.client(), clock, entropy)
        .with_keys(world.platform.table().keys().clone());
    let event = json!({"Records": [{"messageId": "1", "body": desk.step(&message)}]});
    let response = messages::Messages::new(platform).handle(serde_json::from_value(event).expect("an event")).await;
    assert!(response.batch_item_failures.is_empty());
    let kept = desk.read(&message).await;
    assert_eq!(kept.state, MessageState::Failed);
    assert_eq!(kept.failure.as_deref(), Some("no SMS provider is configured"));
    assert!(!kept.values.contains_key("code"));
}

#[tokio::test]
async fn a_message_that_comes_again_does_nothing() {
    let desk = Desk::new().await;
    let message = desk.welcome("asha@example.com").await;
    desk.send(&[&message, &message]).await;
    desk.world.clock.advance(LEASE * 2);
    desk.send(&[&message]).await;
    assert_eq!(desk.outbox().len(), 1);
}

#[tokio::test]
async fn of_two_workers_one_sends() {
    let desk = Desk::new().await;
    let message = desk.welcome("asha@example.com").await;
    let body = [desk.step(&message)];
    let workers = (0..8).map(|_| desk.bring(&body));
    for failed in futures::future::join_all(workers).await {
        assert!(failed.is_empty());
    }
    assert_eq!((desk.outbox().len(), desk.read(&message).await.tries), (1, 1));
}

#[tokio::test]
async fn what_a_provider_does_not_take_is_tried_again_after_each_rest() {
    let desk = Desk::new().await;
    // The client tries three times by itself before it gives up.
    desk.trip(3 * 2, Fault::Throttled);
    let message = desk.welcome("asha@example.com").await;
    for (tried, rest) in RESTS[..2].iter().enumerate() {
        desk.send(&[&message]).await;
        let kept = desk.read(&message).await;
        assert_eq!((kept.state, kept.tries), (MessageState::Queued, u32::try_from(tried).expect("few") + 1));
        assert_eq!(kept.next_try_at, desk.world.platform.now() + *rest);
        assert!(kept.failure.expect("a failure").contains("Throttling"));
        desk.world.clock.advance(*rest - SignedDuration::from_secs(1));
        desk.send(&[&message]).await;
        assert_eq!(desk.read(&message).await.tries, kept.tries, "it rests");
        desk.world.clock.advance(SignedDuration::from_secs(1));
    }
    desk.send(&[&message]).await;
    let kept = desk.read(&message).await;
    assert_eq!((kept.state, kept.tries, kept.failure), (MessageState::Sent, 3, None));
    assert_eq!(desk.outbox().len(), 1);
}

#[tokio::test]
async fn what_is_never_taken_fails_in_the_end() {
    let desk = Desk::new().await;
    desk.trip(u32::MAX, Fault::Throttled);
    let message = desk.welcome("asha@example.com").await;
    for _ in 0..2 * MAX_TRIES {
        desk.send(&[&message]).await;
        desk.world.clock.advance(SignedDuration::from_hours(6));
    }
    let kept = desk.read(&message).await;
    assert_eq!((kept.state, kept.tries), (MessageState::Failed, MAX_TRIES));
    assert!(kept.failure.expect("a failure").contains("Throttling"));
    assert!(desk.outbox().is_empty());
}

#[tokio::test]
async fn a_message_that_cannot_be_written_fails_at_once() {
    let desk = Desk::new().await;
    let message = desk.queue(by_mail("asha@example.com"), MessageTemplate::Welcome, json!({"name": "Asha"})).await;
    desk.send(&[&message]).await;
    let kept = desk.read(&message).await;
    assert_eq!((kept.state, kept.tries), (MessageState::Failed, 1));
    assert!(kept.failure.expect("a failure").starts_with("the template cannot be filled in"));
}

#[tokio::test]
async fn a_code_that_has_ended_is_not_sent() {
    let desk = Desk::new().await;
    let values = json!({"code": "123456", "minutes": 5});
    let message = desk.queue(by_mail("asha@example.com"), MessageTemplate::SignInCode, values).await;
    desk.world.clock.advance(SignedDuration::from_mins(5));
    desk.send(&[&message]).await;
    let kept = desk.read(&message).await;
    assert_eq!((kept.state, kept.tries), (MessageState::Failed, 0));
    assert!(desk.outbox().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_comes_again_alone() {
    let desk = Desk::new().await;
    let (first, second) = (desk.welcome("asha@example.com").await, desk.welcome("bela@example.com").await);
    let bodies = [desk.step(&first), "{\"message\": 1}".to_owned(), String::new(), desk.step(&second)];
    assert_eq!(desk.bring(&bodies).await, [1, 2]);
    assert_eq!(desk.outbox().len(), 2);
}

#[tokio::test]
async fn a_message_that_is_gone_or_anothers_is_none() {
    let desk = Desk::new().await;
    let message = desk.welcome("asha@example.com").await;
    let other = desk.world.a_tenant("Other Ltd").await;
    let step = json!({"organization": other.organization, "message": message.id}).to_string();
    assert!(desk.bring(&[step]).await.is_empty());
    assert!(desk.outbox().is_empty());
    assert_eq!(desk.read(&message).await.state, MessageState::Queued);
}

#[tokio::test]
async fn the_history_tells_what_became_of_it_and_no_secret() {
    let desk = Desk::new().await;
    let values = json!({"code": "123456", "link": "https://app.example/reset?token=abc", "minutes": 5});
    let message = desk.queue(by_mail("asha@example.com"), MessageTemplate::PasswordReset, values).await;
    desk.send(&[&message]).await;
    let kept = desk.read(&message).await;
    let limit = std::num::NonZeroU32::new(10).expect("a limit");
    let history = desk.world.platform.table().history(&desk.grant, &kept, None, limit).await.expect("a history");
    let kinds: Vec<&str> = history.records.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["message.sent", "message.queued"]);
    let text = serde_json::to_string(&history.records).expect("JSON");
    assert!(!text.contains("123456") && !text.contains("token"), "{text}");
}

#[tokio::test]
async fn what_is_sent_counts_against_its_month() {
    let desk = Desk::new().await;
    let (first, second) = (desk.welcome("asha@example.com").await, desk.welcome("bela@example.com").await);
    desk.send(&[&first, &first]).await;
    desk.world.settle().await;
    let (table, organization) = (desk.world.platform.table(), desk.tenant.organization);
    let now = desk.world.platform.now();
    assert_eq!(table.messages_this_month(organization, now).await.expect("a figure"), 1);
    desk.send(&[&second]).await;
    desk.world.settle().await;
    assert_eq!(table.messages_this_month(organization, now).await.expect("a figure"), 2);
    let next = now + SignedDuration::from_hours(24 * 31);
    assert_eq!(table.messages_this_month(organization, next).await.expect("a figure"), 0);
}

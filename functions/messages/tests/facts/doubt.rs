//! A provider's answer is lost, and nobody knows whether a message went out.

use domain::integration::{ACCESS_KEY_ID, Provider, SECRET_ACCESS_KEY};
use domain::message::{LEASE, MAX_TRIES, MessageState, RESTS, UNKNOWN};
use domain::outreach::SettingsPatch;
use domain::{Communication, CommunicationStatus, ContactPurpose, Message};
use jiff::SignedDuration;
use serde_json::json;
use standins::{Fault, Trouble};

use crate::speaking::Line;

/// A line on which it is always day.
async fn line() -> Line {
    let line = Line::new().await;
    line.desk.ask(SettingsPatch { quiet_hours: Some(None), ..SettingsPatch::default() }).await;
    line
}

/// Worked at, and looked at again beyond each lease and rest: where it stands then, and how many went out.
async fn worked(line: &Line, (communication, message): (Communication, Message)) -> (MessageState, usize) {
    let before = line.sent();
    for _ in 0..3 {
        assert_eq!(line.work(&message).await, 0);
        line.desk.world.clock.advance(LEASE + RESTS[1]);
    }
    let (message, spoken) = (line.desk.read(&message).await, line.spoken(&communication).await);
    let is_known = message.state == MessageState::Sent;
    assert_eq!(message.failure.as_deref(), (!is_known).then_some(UNKNOWN));
    assert_eq!(spoken.status, if is_known { CommunicationStatus::Sent } else { CommunicationStatus::Failed });
    assert_eq!(spoken.is_in_doubt(), !is_known);
    (message.state, line.sent() - before)
}

#[tokio::test]
async fn an_offer_to_a_phone_whose_answer_is_lost_is_not_made_again() {
    for (trouble, state, out) in [
        (Trouble::Garbled, MessageState::Failed, 1),
        (Trouble::TooMuch, MessageState::Failed, 1),
        (Trouble::Status { status: 502, retry_after: None }, MessageState::Failed, 0),
        (Trouble::Status { status: 504, retry_after: None }, MessageState::Failed, 0),
        // The provider itself says that it did not take it.
        (Trouble::Status { status: 503, retry_after: None }, MessageState::Sent, 1),
        (Trouble::Status { status: 429, retry_after: Some(1) }, MessageState::Sent, 1),
    ] {
        let line = line().await;
        let connection = line.connect().await;
        line.double.trouble(trouble);
        let said = line.speak(ContactPurpose::Marketing).await;
        assert_eq!(worked(&line, said).await, (state, out), "{trouble:?}");
        let failures = line.failures().await;
        let [row] = &failures[..] else { panic!("one row: {failures:?}") };
        assert_eq!(row.integration_id, Some(connection), "the organization sees what its provider did");
    }
}

#[tokio::test]
async fn what_is_no_offer_surely_comes() {
    let line = line().await;
    line.connect().await;
    line.double.trouble(Trouble::Garbled);
    let said = line.speak(ContactPurpose::Service).await;
    assert_eq!(worked(&line, said).await, (MessageState::Sent, 2));
}

#[tokio::test]
async fn of_what_was_tried_often_enough_nobody_knows_either() {
    let line = line().await;
    line.connect().await;
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    for _ in 0..MAX_TRIES {
        line.double.trouble(Trouble::Garbled);
        line.work(&message).await;
        line.desk.world.clock.advance(SignedDuration::from_hours(6));
    }
    assert_eq!(line.desk.read(&message).await.failure.as_deref(), Some(UNKNOWN));
    assert!(line.spoken(&communication).await.is_in_doubt());
}

const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";

/// An organization with its own SES, that publishes so, and tells this topic.
async fn over_ses(events: Option<&str>, topic: Option<&str>) -> Line {
    let line = line().await;
    let settings = json!({
        "region": "ap-south-1", "from": "office@example.com", "configuration_set": events, "topic_arn": topic,
    });
    let secrets = [(ACCESS_KEY_ID, "not-a-real-key-id"), (SECRET_ACCESS_KEY, "not-a-real-key")];
    line.connect_to(Provider::Ses, settings, &secrets).await;
    line
}

#[tokio::test]
async fn an_offer_by_mail_whose_answer_is_lost_is_made_again_only_where_its_carrier_tells_what_it_has() {
    let (marketing, service) = (ContactPurpose::Marketing, ContactPurpose::Service);
    for (events, topic, purpose, state, out) in [
        (None, Some(TOPIC), marketing, MessageState::Failed, 1),
        (Some("events"), None, marketing, MessageState::Failed, 1),
        // Before that, SES tells which of ours it has, and no second one goes out.
        (Some("events"), Some(TOPIC), marketing, MessageState::Sent, 2),
        (None, None, service, MessageState::Sent, 2),
    ] {
        let line = Box::pin(over_ses(events, topic)).await;
        line.desk.trip(1, Fault::Unanswered);
        let said = line.write(purpose).await;
        assert_eq!(worked(&line, said).await, (state, out), "{events:?} {topic:?}");
    }
}

#[tokio::test]
async fn an_offer_by_mail_whose_worker_died_is_made_again_only_where_its_carrier_tells_what_it_has() {
    for (events, state) in [(None, MessageState::Failed), (Some("events"), MessageState::Sent)] {
        let line = Box::pin(over_ses(events, Some(TOPIC))).await;
        let said = line.write(ContactPurpose::Marketing).await;
        let (table, now) = (line.desk.world.platform.table(), line.desk.world.platform.now());
        table.commit_unseen(&line.desk.grant, said.1.clone().taken(now)).await.expect("it is taken up");
        line.desk.world.clock.advance(LEASE);
        assert_eq!(worked(&line, said).await.0, state);
    }
}

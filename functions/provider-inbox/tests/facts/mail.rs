//! What became of mails that went over SES.

use domain::outreach::SuppressionReason;
use domain::provider_delivery::DeliveryStatus;
use domain::{Communication, CommunicationStatus, ContactChannel, Suppression};
use jiff::SignedDuration;
use standins::Callback;

use crate::outsiders::ses;
use crate::support::Exchange;

const ASHA: &str = "asha@example.com";

async fn suppression(exchange: &Exchange) -> Option<Suppression> {
    exchange.suppression(ASHA, ContactChannel::Email).await
}

/// Told and done, and how the mail stands then.
async fn tell(exchange: &Exchange, callback: &Callback, mail: &Communication) -> Communication {
    exchange.call(callback).await.expect(200);
    exchange.settle().await;
    exchange.read(mail.id).await.expect("it is there")
}

#[tokio::test]
async fn a_delivery_moves_a_mail_on_and_stops_nothing() {
    let (exchange, sns) = ses().await;
    let mail = exchange.queued(ASHA).await;
    exchange.sent(mail.clone(), "mail-1").await;
    let told = tell(&exchange, &sns.delivered("mail-1", ASHA).expect("a notice"), &mail).await;
    assert_eq!(told.status, CommunicationStatus::Delivered);
    let soft = tell(&exchange, &sns.bounced("mail-1", ASHA, "Transient").expect("a notice"), &mail).await;
    assert_eq!(soft.status, CommunicationStatus::Delivered, "an answer that they are away");
    assert!(suppression(&exchange).await.is_none());
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_not_written_to_any_more() {
    let (exchange, sns) = ses().await;
    let mail = exchange.queued(ASHA).await;
    exchange.sent(mail.clone(), "mail-1").await;
    let bounced = sns.bounced("mail-1", "Asha@Example.com", "Permanent").expect("a notice");
    let told = tell(&exchange, &bounced, &mail).await;
    assert_eq!(told.status, CommunicationStatus::Failed);
    let stopped = suppression(&exchange).await.expect("it is suppressed");
    assert_eq!((stopped.reason, stopped.suppressed_by), (SuppressionReason::Bounce, None));
    assert!(stopped.is_active(exchange.world.platform.now()));
    // The same notice, and one more like it: nothing changes, and nothing fails.
    tell(&exchange, &bounced, &mail).await;
    let again = sns.bounced("mail-1", ASHA, "Permanent").expect("a notice");
    tell(&exchange, &again, &mail).await;
    assert_eq!(suppression(&exchange).await.expect("it is suppressed").meta.version, stopped.meta.version);
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().all(|delivery| delivery.status != DeliveryStatus::Failed));
}

#[tokio::test]
async fn a_bounce_and_a_complaint_come_to_the_same_in_either_order() {
    for complaint_first in [true, false] {
        let (exchange, sns) = ses().await;
        let mail = exchange.queued(ASHA).await;
        exchange.sent(mail.clone(), "mail-1").await;
        let complaint = sns.complained("mail-1", ASHA).expect("a notice");
        let bounce = sns.bounced("mail-1", ASHA, "Permanent").expect("a notice");
        let order = if complaint_first { [&complaint, &bounce] } else { [&bounce, &complaint] };
        for callback in order {
            tell(&exchange, callback, &mail).await;
        }
        let stopped = suppression(&exchange).await.expect("it is suppressed");
        assert_eq!(stopped.reason, SuppressionReason::Complaint);
        let told: Communication = exchange.read(mail.id).await.expect("it is there");
        assert_eq!(told.status, CommunicationStatus::Delivered, "whoever complains has it");
    }
}

#[tokio::test]
async fn what_was_lifted_since_stays_lifted_and_what_stands_against_more_is_not_weakened() {
    let (exchange, sns) = ses().await;
    let mail = exchange.queued(ASHA).await;
    exchange.sent(mail.clone(), "mail-1").await;
    let [first, old] = [(); 2].map(|()| sns.bounced("mail-1", ASHA, "Permanent").expect("a notice"));
    tell(&exchange, &first, &mail).await;
    exchange.world.clock.advance(SignedDuration::from_mins(1));
    let (table, now) = (exchange.world.platform.table(), exchange.world.platform.now());
    let stopped = suppression(&exchange).await.expect("it is suppressed");
    table.commit(&exchange.grant, stopped.lift(now)).await.expect("it is lifted");
    tell(&exchange, &old, &mail).await;
    assert!(!suppression(&exchange).await.expect("it is known").is_active(now), "it is an old word");
    exchange.world.clock.advance(SignedDuration::from_mins(1));
    tell(&exchange, &sns.bounced("mail-1", ASHA, "Permanent").expect("a notice"), &mail).await;
    assert!(suppression(&exchange).await.expect("it is known").is_active(exchange.world.platform.now()));
}

#[tokio::test]
async fn whoever_bounces_is_stopped_though_nobody_knows_yet_whose_mail_it_was() {
    let (exchange, sns) = ses().await;
    let mail = exchange.queued(ASHA).await;
    let early = tell(&exchange, &sns.bounced("mail-1", ASHA, "Permanent").expect("a notice"), &mail).await;
    assert_eq!(early.status, CommunicationStatus::Queued);
    assert!(suppression(&exchange).await.is_some());
    exchange.sent(mail.clone(), "mail-1").await;
    exchange.later(SignedDuration::from_secs(30)).await;
    let told: Communication = exchange.read(mail.id).await.expect("it is there");
    assert_eq!(told.status, CommunicationStatus::Failed);
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn a_topic_is_told_that_the_address_wants_to_be_told() {
    let (exchange, sns) = ses().await;
    assert!(!sns.is_confirmed());
    exchange.call(&sns.subscription().expect("a question")).await.expect(200);
    exchange.settle().await;
    assert!(sns.is_confirmed());
    let greeting = r#"{"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have subscribed."}"#;
    exchange.call(&sns.published(greeting).expect("a notice")).await.expect(200);
    exchange.settle().await;
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Ignored), "{deliveries:?}");
    assert!(deliveries.iter().any(|delivery| delivery.outcome.as_deref() == Some("subscribed")));
}

//! What becomes of mails that went over the platform's own SES.

use domain::communication::Carried;
use domain::outreach::SuppressionReason;
use domain::{Communication, CommunicationStatus, ContactChannel, MessageId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use standins::Fault;

use crate::outsiders::ses;
use crate::support::Exchange;

pub(crate) const ASHA: &str = "asha@example.com";

/// What the configuration set publishes of a mail, tagged with whose it is.
fn event(exchange: &Exchange, id: &str, kind: &str, sent: Timestamp) -> String {
    event_of(Some(&exchange.tenant.organization.to_string()), id, kind, sent)
}

fn event_of(organization: Option<&str>, id: &str, kind: &str, sent: Timestamp) -> String {
    tagged(organization, None, id, kind, sent)
}

/// The same, tagged with which of our messages it is.
pub(crate) fn tagged(
    organization: Option<&str>,
    ours: Option<MessageId>,
    id: &str,
    kind: &str,
    sent: Timestamp,
) -> String {
    let more = match kind {
        "Send" => json!({}),
        "Bounce" => json!({"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": ASHA}]}),
        "Complaint" => json!({"complainedRecipients": [{"emailAddress": ASHA}]}),
        _ => json!({"recipients": [ASHA]}),
    };
    let mut mail = json!({"messageId": id, "timestamp": sent, "destination": [ASHA]});
    if let Some(organization) = organization {
        mail["tags"] = json!({"ses:configuration-set": ["events"], "organization": [organization]});
    }
    if let Some(ours) = ours {
        mail["tags"]["message"] = json!([ours]);
    }
    json!({"eventType": kind, "mail": mail, kind.to_lowercase(): more}).to_string()
}

/// A mail, of which its worker has written down that SES has it.
async fn sent(exchange: &Exchange, id: &str) -> Communication {
    let mail = exchange.queued(ASHA).await;
    let (table, now) = (exchange.world.platform.table(), exchange.world.platform.now());
    let known: Communication = table.get_to_change(&exchange.grant, mail.id).await.expect("it is there");
    let carried = Carried { integration: None, id: id.to_owned() };
    table.commit(&exchange.grant, known.sent(carried, now, now)).await.expect("it is written down")
}

async fn status(exchange: &Exchange, mail: &Communication) -> CommunicationStatus {
    exchange.read::<Communication>(mail.id).await.expect("it is there").status
}

#[tokio::test]
async fn events_move_mails_on_in_any_order_and_however_often_they_come() {
    for order in
        [["Delivery", "Complaint", "Bounce"], ["Bounce", "Delivery", "Complaint"], ["Complaint", "Bounce", "Bounce"]]
    {
        let (exchange, _) = ses().await;
        let mail = sent(&exchange, "mail-1").await;
        let now = exchange.world.platform.now();
        let events = order.map(|kind| event(&exchange, "mail-1", kind, now));
        let twice = [events.as_slice(), &events].concat();
        assert_eq!(exchange.bring(&twice).await, [0; 0]);
        // Whoever complains has it.
        assert_eq!(status(&exchange, &mail).await, CommunicationStatus::Delivered, "{order:?}");
        let suppressed = exchange.suppression(ASHA, ContactChannel::Email).await.expect("it is suppressed");
        assert_eq!(suppressed.reason, SuppressionReason::Complaint, "{order:?}");
        assert_eq!(exchange.deliveries().await.len(), 0, "it is no delivery of a connection");
    }
}

#[tokio::test]
async fn an_event_that_comes_first_comes_again_and_one_of_a_mail_that_is_gone_does_not() {
    let (exchange, _) = ses().await;
    let now = exchange.world.platform.now();
    let early = [event(&exchange, "mail-1", "Delivery", now)];
    assert_eq!(exchange.bring(&early).await, [0]);
    let mail = sent(&exchange, "mail-1").await;
    assert_eq!(exchange.bring(&early).await, [0; 0]);
    assert_eq!(status(&exchange, &mail).await, CommunicationStatus::Delivered);
    let gone = event(&exchange, "mail-2", "Bounce", now - SignedDuration::from_hours(2));
    assert_eq!(exchange.bring(&[gone]).await, [0; 0]);
    let suppressed = exchange.suppression(ASHA, ContactChannel::Email).await.expect("its address does not work");
    assert_eq!(suppressed.reason, SuppressionReason::Bounce);
}

#[tokio::test]
async fn nothing_moves_of_another_organization_or_of_nobody() {
    let (exchange, _) = ses().await;
    let mail = sent(&exchange, "mail-1").await;
    let (now, other) = (exchange.world.platform.now(), exchange.world.a_tenant("Other Ltd").await);
    let old = now - SignedDuration::from_hours(2);
    let others = event_of(Some(&other.organization.to_string()), "mail-1", "Bounce", old);
    let events = [others, event_of(None, "mail-1", "Bounce", now), event_of(Some("x"), "mail-1", "Bounce", now)];
    assert_eq!(exchange.bring(&events).await, [0; 0]);
    assert_eq!(status(&exchange, &mail).await, CommunicationStatus::Sent);
    assert!(exchange.suppression(ASHA, ContactChannel::Email).await.is_none());
    let nonsense: Vec<String> = vec!["{}".to_owned(), Value::Null.to_string(), "soon".to_owned()];
    assert_eq!(exchange.bring(&nonsense).await, [0, 1, 2], "they go to the dead letters");
}

#[tokio::test]
async fn whoever_dies_at_any_write_is_made_up_for() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1..=2 {
            let (exchange, _) = ses().await;
            let mail = sent(&exchange, "mail-1").await;
            let events = [event(&exchange, "mail-1", "Bounce", exchange.world.platform.now())];
            exchange.kill(Some((write, fault)));
            exchange.bring(&events).await;
            let writes = exchange.revive();
            assert_eq!(exchange.bring(&events).await, [0; 0]);
            let what = format!("{fault:?} at write {write} of {writes}");
            assert_eq!(status(&exchange, &mail).await, CommunicationStatus::Failed, "{what}");
            assert!(exchange.suppression(ASHA, ContactChannel::Email).await.is_some(), "{what}");
        }
    }
}

//! Messages of which their provider tells before their worker has written down that they went out.

use domain::integration::Strangers;
use domain::message::{LEASE, MessageState, UNKNOWN};
use domain::{Communication, CommunicationStatus, Message, Phone, Recipient};
use standins::Fault;

use crate::feedback::{ASHA, tagged};
use crate::outsiders::{WORD, msg91, ses, twilio, whatsapp};
use crate::support::Exchange;

const MAIL: &str = "mail-1";
const NUMBER: &str = "+919876543210";

/// A message that a worker has taken up, which said nothing since; what stands on the timeline of it.
async fn in_doubt(exchange: &Exchange, to: Recipient, address: &str) -> (Message, Communication) {
    let (message, spoken) = untried(exchange, to, address).await;
    let (table, now) = (exchange.world.platform.table(), exchange.world.platform.now());
    let taken = table.commit_unseen(&exchange.grant, message.taken(now)).await.expect("it is taken up");
    (taken, spoken)
}

async fn untried(exchange: &Exchange, to: Recipient, address: &str) -> (Message, Communication) {
    let spoken = exchange.queued(address).await;
    let (table, now) = (exchange.world.platform.table(), exchange.world.platform.now());
    let id = spoken.message_id.expect("a message carries it");
    let change = Message::speak(id, exchange.tenant.organization, to, spoken.id, None, now);
    (table.commit(&exchange.grant, change).await.expect("a message"), spoken)
}

fn number() -> Phone {
    NUMBER.parse().expect("a number")
}

fn to_asha() -> Recipient {
    Recipient::Email(ASHA.parse().expect("an address"))
}

/// What the platform's own SES tells of the message.
fn told(exchange: &Exchange, message: &Message, kind: &str) -> String {
    let organization = exchange.tenant.organization.to_string();
    tagged(Some(&organization), Some(message.id), MAIL, kind, exchange.world.platform.now())
}

async fn stand(exchange: &Exchange, message: &Message, spoken: &Communication) -> (Message, CommunicationStatus) {
    let message = exchange.read::<Message>(message.id).await.expect("it is there");
    (message, exchange.read::<Communication>(spoken.id).await.expect("it is there").status)
}

#[tokio::test]
async fn what_ses_has_is_sent_and_nobody_sends_it_again() {
    use CommunicationStatus::{Delivered, Failed, Sent};
    for (order, status) in [
        (["Send", "Send"], Sent),
        (["Send", "Delivery"], Delivered),
        (["Delivery", "Send"], Delivered),
        (["Send", "Bounce"], Failed),
        (["Bounce", "Send"], Failed),
    ] {
        let (exchange, _) = ses().await;
        let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
        let events = order.map(|kind| told(&exchange, &message, kind));
        let twice = [events.as_slice(), &events].concat();
        assert_eq!(exchange.bring(&twice).await, [0; 0], "nothing of it is early: {order:?}");
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.provider_id.as_deref()), (MessageState::Sent, Some(MAIL)), "{order:?}");
        assert_eq!(stands, status, "{order:?}");
        assert!(!message.is_waiting(exchange.world.platform.now() + LEASE), "no worker takes it up again");
    }
}

#[tokio::test]
async fn what_its_worker_has_written_down_costs_one_read_more_and_no_write() {
    let (exchange, _) = ses().await;
    let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
    let events = [told(&exchange, &message, "Send")];
    assert_eq!(exchange.bring(&events).await, [0; 0]);
    let before = stand(&exchange, &message, &spoken).await;
    exchange.kill(None);
    assert_eq!(exchange.bring(&events).await, [0; 0]);
    assert_eq!(exchange.revive(), 0, "nothing is written");
    assert_eq!(stand(&exchange, &message, &spoken).await, before);
}

#[tokio::test]
async fn what_whatsapp_tells_of_by_our_id_is_sent() {
    for status in ["sent", "delivered", "read"] {
        let (exchange, double) = whatsapp(Strangers::Keep).await;
        let to = Recipient::Whatsapp(number());
        let (message, spoken) = in_doubt(&exchange, to, NUMBER).await;
        let id = exchange.hand_over_as(&message.id.to_string()).await;
        exchange.call(&double.status(&id, status, None).expect("a message")).await.expect(200);
        exchange.settle().await;
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.provider_id.as_deref()), (MessageState::Sent, Some(id.as_str())));
        assert_eq!(stands.as_str(), status);
    }
}

#[tokio::test]
async fn what_an_organizations_own_ses_tells_of_by_our_id_is_sent() {
    use CommunicationStatus::{Delivered, Sent};
    for (kind, status) in [("Send", Sent), ("Delivery", Delivered)] {
        let (exchange, topic) = ses().await;
        let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
        let event = told(&exchange, &message, kind);
        for _ in 0..2 {
            exchange.call(&topic.published(&event).expect("a notice")).await.expect(200);
            exchange.settle().await;
        }
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.provider_id.as_deref()), (MessageState::Sent, Some(MAIL)));
        assert_eq!(stands, status);
        let carried = exchange.read::<Communication>(spoken.id).await.expect("it is there").carried;
        assert_eq!(carried.and_then(|carried| carried.integration), Some(exchange.integration.id));
    }
}

#[tokio::test]
async fn what_twilio_tells_of_at_the_address_with_our_id_is_sent() {
    use CommunicationStatus::{Delivered, Failed, Sent};
    for (status, expected) in [("queued", Sent), ("sent", Sent), ("delivered", Delivered), ("undelivered", Failed)] {
        let (exchange, double) = twilio().await;
        let (message, spoken) = in_doubt(&exchange, Recipient::Sms(number()), NUMBER).await;
        let id = exchange.hand_over_as(&message.id.to_string()).await;
        let callback = double.callback(&id, status, None).expect("a callback");
        for _ in 0..2 {
            exchange.call_back(callback.clone()).await.expect(200);
            exchange.settle().await;
        }
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.provider_id.as_deref()), (MessageState::Sent, Some(id.as_str())));
        assert_eq!(stands, expected);
    }
}

#[tokio::test]
async fn what_msg91_tells_of_by_our_id_is_sent() {
    for (status, expected) in [(1, CommunicationStatus::Delivered), (2, CommunicationStatus::Failed)] {
        let (exchange, double) = msg91().await;
        let (message, spoken) = in_doubt(&exchange, Recipient::Sms(number()), NUMBER).await;
        let id = exchange.hand_over_as(&message.id.to_string()).await;
        let report = double.report(&id, status).expect("a report");
        exchange.call_at(&format!("?token={WORD}"), &report).await.expect(200);
        exchange.settle().await;
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.provider_id.as_deref()), (MessageState::Sent, Some(id.as_str())));
        assert_eq!(stands, expected);
    }
}

#[tokio::test]
async fn what_was_given_up_because_nobody_knew_is_sent_after_all() {
    for (kinds, status) in [
        (["Send", "Delivery"], CommunicationStatus::Delivered),
        (["Delivery", "Send"], CommunicationStatus::Delivered),
        (["Send", "Send"], CommunicationStatus::Sent),
    ] {
        let (exchange, _) = ses().await;
        let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
        let (table, now) = (exchange.world.platform.table(), exchange.world.platform.now());
        let mut transaction = table.transaction();
        transaction.push(&exchange.grant, message.clone().failed(UNKNOWN, now)).expect("a change");
        let given_up = spoken.clone().failed(UNKNOWN, now).expect("it was queued");
        transaction.push(&exchange.grant, given_up).expect("a change");
        transaction.commit().await.expect("it is given up");
        let events = kinds.map(|kind| told(&exchange, &message, kind));
        assert_eq!(exchange.bring(&events).await, [0; 0]);
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, message.failure, stands), (MessageState::Sent, None, status), "{kinds:?}");
        let spoken = exchange.read::<Communication>(spoken.id).await.expect("it is there");
        assert_eq!((spoken.failed_at, spoken.failure), (None, None));
    }
}

#[tokio::test]
async fn what_has_come_to_another_end_or_was_never_tried_stays_as_it_is() {
    let (exchange, _) = ses().await;
    let now = exchange.world.platform.now();
    let (given_up, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
    let change = given_up.failed("there is no such mailbox", now);
    let given_up = exchange.world.platform.table().commit(&exchange.grant, change).await.expect("it is given up");
    let (never, unspoken) = untried(&exchange, to_asha(), ASHA).await;
    for (message, spoken, state) in [(given_up, spoken, MessageState::Failed), (never, unspoken, MessageState::Queued)]
    {
        let events = ["Send", "Delivery"].map(|kind| told(&exchange, &message, kind));
        assert_eq!(exchange.bring(&events).await, [0; 0]);
        let (message, stands) = stand(&exchange, &message, &spoken).await;
        assert_eq!((message.state, stands), (state, CommunicationStatus::Queued));
    }
}

#[tokio::test]
async fn another_organizations_message_is_not_there() {
    let (exchange, _) = ses().await;
    let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
    let other = exchange.world.a_tenant("Other Ltd").await.organization.to_string();
    let now = exchange.world.platform.now();
    let events = ["Send", "Delivery"].map(|kind| tagged(Some(&other), Some(message.id), MAIL, kind, now));
    assert_eq!(exchange.bring(&events).await, [0; 0]);
    let (message, stands) = stand(&exchange, &message, &spoken).await;
    assert_eq!((message.state, stands), (MessageState::Queued, CommunicationStatus::Queued));
}

#[tokio::test]
async fn whoever_dies_at_any_write_is_made_up_for() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1..=2 {
            let (exchange, _) = ses().await;
            let (message, spoken) = in_doubt(&exchange, to_asha(), ASHA).await;
            let events = ["Send", "Delivery"].map(|kind| told(&exchange, &message, kind));
            exchange.kill(Some((write, fault)));
            exchange.bring(&events).await;
            let writes = exchange.revive();
            assert_eq!(exchange.bring(&events).await, [0; 0]);
            let what = format!("{fault:?} at write {write} of {writes}");
            let (message, stands) = stand(&exchange, &message, &spoken).await;
            assert_eq!((message.state, stands), (MessageState::Sent, CommunicationStatus::Delivered), "{what}");
        }
    }
}

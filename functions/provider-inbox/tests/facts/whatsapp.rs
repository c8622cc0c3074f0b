//! What people write over WhatsApp, and what became of what they were sent.

use domain::integration::Strangers;
use domain::provider_delivery::DeliveryStatus;
use domain::template::Body;
use domain::{Communication, CommunicationDirection, CommunicationStatus, ContactChannel, File, Label, PersonName};
use jiff::{SignedDuration, Timestamp};
use standins::whatsapp::Media;
use standins::{Fault, Trouble};

use crate::outsiders::{ASHA, together, whatsapp};

const DIGITS: &str = "919876543210";

#[tokio::test]
async fn what_a_lead_writes_is_on_their_timeline_once_and_opens_the_window() {
    let (exchange, double) = whatsapp(Strangers::Lead).await;
    let lead = exchange.lead(ASHA).await;
    let at = exchange.world.platform.now();
    let hello = double.message("wamid.1", DIGITS, "Asha", "Is the course still open?");
    exchange.call(&hello).await.expect(200);
    exchange.settle().await;
    let said = exchange.communications(lead.branch_id).await;
    let [said] = &said[..] else { panic!("{said:?}") };
    assert_eq!((said.direction, said.status), (CommunicationDirection::Inbound, CommunicationStatus::Received));
    assert_eq!((said.lead_id, said.user_id, said.sent_at), (Some(lead.id), exchange.agent.user, Some(at)));
    assert_eq!(said.content.as_ref().map(Body::as_str), Some("Is the course still open?"));
    let known = exchange.known(ASHA).await.expect("a window");
    assert_eq!(known.window_until(), Some(at + SignedDuration::from_hours(24)));
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries[0].subject, Some(said.id.to_string()));

    // Meta tells it again, with something new.
    exchange.world.clock.advance(SignedDuration::from_mins(1));
    let more = double.message("wamid.2", DIGITS, "Asha", "And what does it cost?");
    exchange.call(&together(&[hello.clone(), more.clone(), hello], |_| {})).await.expect(200);
    exchange.call(&more).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.communications(lead.branch_id).await.len(), 2);
    let known = exchange.known(ASHA).await.expect("a window");
    assert_eq!(known.wrote_at, Some(at + SignedDuration::from_mins(1)));
    assert_eq!((exchange.leads().await.len(), exchange.log().await.len()), (1, 0));
}

#[tokio::test]
async fn a_stranger_becomes_a_lead_or_is_kept_as_the_connection_says() {
    let (takes, double) = whatsapp(Strangers::Lead).await;
    for id in ["wamid.1", "wamid.2"] {
        takes.call(&double.message(id, DIGITS, "Asha Example", "Hello")).await.expect(200);
    }
    takes.settle().await;
    let leads = takes.leads().await;
    let [lead] = &leads[..] else { panic!("one lead: {leads:?}") };
    assert_eq!(lead.full_name.as_ref().map(PersonName::as_str), Some("Asha Example"));
    assert_eq!(lead.source.as_ref().map(Label::as_str), Some("WhatsApp"));
    let said = takes.communications(takes.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.lead_id == Some(lead.id)).count(), 2, "{said:?}");

    let (keeps, double) = whatsapp(Strangers::Keep).await;
    keeps.call(&double.message("wamid.1", DIGITS, "Asha", "Hello")).await.expect(200);
    keeps.settle().await;
    let said = keeps.communications(keeps.tenant.branch).await;
    assert_eq!((said.len(), said[0].lead_id, said[0].user_id), (1, None, keeps.admin.user));
    assert!(keeps.leads().await.is_empty());
}

#[tokio::test]
async fn an_answer_names_what_it_answers_and_a_picture_is_called_one() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    exchange.sent(ours.clone(), &id).await;
    let answer = together(&[double.message("wamid.1", DIGITS, "Asha", "Yes")], |body| {
        let message = &mut body["entry"][0]["changes"][0]["value"]["messages"][0];
        message["context"] = serde_json::json!({"from": "912266540000", "id": id});
        message["type"] = "image".into();
        message["image"] = serde_json::json!({"id": "77", "mime_type": "image/jpeg", "caption": "My form"});
    });
    exchange.call(&answer).await.expect(200);
    exchange.settle().await;
    let said = exchange.communications(exchange.tenant.branch).await;
    let said = said.iter().find(|one| one.direction == CommunicationDirection::Inbound).expect("an answer");
    assert_eq!(said.answers, Some(ours.id));
    assert_eq!(said.content.as_ref().map(Body::as_str), Some("[image] My form"));
}

fn form() -> Media {
    Media { name: "form.pdf".to_owned(), content_type: "application/pdf".to_owned(), bytes: b"%PDF-1.7 form".to_vec() }
}

#[tokio::test]
async fn a_file_that_a_lead_sends_is_kept_with_their_message() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let lead = exchange.lead(ASHA).await;
    let photo =
        Media { name: String::new(), content_type: "image/png".to_owned(), bytes: b"\x89PNG\r\n\x1a\n0".to_vec() };
    let told = [
        double.file("wamid.1", DIGITS, "Asha", form(), Some("Here it is")),
        double.file("wamid.2", DIGITS, "Asha", photo, None),
    ];
    for told in [&told[0], &told[1], &told[0]] {
        exchange.call(told).await.expect(200);
        exchange.settle().await;
    }
    let mut said = exchange.communications(lead.branch_id).await;
    said.sort_by_key(|one| one.id);
    let [form, photo] = &said[..] else { panic!("{said:?}") };
    assert_eq!(form.content.as_ref().map(Body::as_str), Some("[document] Here it is"));
    let names = [form, photo].map(|one| one.files.iter().map(|file| file.name.to_string()).collect::<Vec<_>>());
    assert_eq!(names, [["form.pdf"], ["image.png"]]);
    assert_eq!(form.attachments.len(), 1, "its name stands there once");
    let file: File = exchange.read(form.files[0].id).await.expect("a file");
    assert_eq!((file.branch_id, file.uploaded_by), (lead.branch_id, exchange.agent.user));
    assert_eq!(exchange.bytes(&file).await, b"%PDF-1.7 form");
}

#[tokio::test]
async fn a_message_stands_on_the_timeline_while_its_file_cannot_be_had() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let lead = exchange.lead(ASHA).await;
    let told = double.file("wamid.1", DIGITS, "Asha", form(), None);
    double.trouble(Trouble::Status { status: 503, retry_after: None });
    exchange.call(&told).await.expect(200);
    exchange.settle().await;
    let said = exchange.communications(lead.branch_id).await;
    assert!(said.len() == 1 && said[0].files.is_empty(), "{said:?}");
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Received);
    assert_eq!(exchange.log().await.len(), 1);
    exchange.later(SignedDuration::from_mins(1)).await;
    let said = exchange.communications(lead.branch_id).await;
    assert!(said.len() == 1 && said[0].files.len() == 1, "{said:?}");
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Processed);
}

#[tokio::test]
async fn a_file_that_is_gone_or_not_kept_leaves_its_message_as_it_is() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let lead = exchange.lead(ASHA).await;
    let page = Media { name: "a.txt".to_owned(), content_type: "text/plain".to_owned(), bytes: b"<html>".to_vec() };
    exchange.call(&double.file("wamid.1", DIGITS, "Asha", page, None)).await.expect(200);
    exchange.settle().await;
    let gone = double.file("wamid.2", DIGITS, "Asha", form(), None);
    double.forget_files();
    exchange.call(&gone).await.expect(200);
    exchange.settle().await;
    let said = exchange.communications(lead.branch_id).await;
    assert!(said.len() == 2 && said.iter().all(|one| one.files.is_empty()), "{said:?}");
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|one| one.outcome.as_deref() == Some("received_without_file")), "{deliveries:?}");
}

#[tokio::test]
async fn whoever_dies_over_a_file_is_made_up_for() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1.. {
            let (exchange, double) = whatsapp(Strangers::Keep).await;
            let lead = exchange.lead(ASHA).await;
            let told = double.file("wamid.1", DIGITS, "Asha", form(), None);
            exchange.call(&told).await.expect(200);
            exchange.kill(Some((write, fault)));
            let waiting = exchange.waiting().await;
            exchange.bring(&waiting).await;
            let writes = exchange.revive();
            for _ in 0..3 {
                exchange.later(SignedDuration::from_mins(11)).await;
            }
            let what = format!("{fault:?} at write {write} of {writes}");
            let said = exchange.communications(lead.branch_id).await;
            assert!(said.len() == 1 && said[0].files.len() == 1, "{what}: {said:?}");
            let file: File = exchange.read(said[0].files[0].id).await.expect("a file");
            assert_eq!(exchange.bytes(&file).await, form().bytes, "{what}");
            assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Processed, "{what}");
            if writes < write {
                assert!(write > 2, "there are so many writes: {write}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn whoever_writes_stop_gets_no_more_offers_there_until_they_write_start() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let lead = exchange.lead(ASHA).await;
    for (id, text, stopped) in [
        ("wamid.1", "Please stop", false),
        ("wamid.2", "Cancel", false),
        ("wamid.3", "Stop.", true),
        ("wamid.4", "Hello", true),
        ("wamid.5", "START", false),
    ] {
        exchange.world.clock.advance(SignedDuration::from_mins(1));
        exchange.call(&double.message(id, DIGITS, "Asha", text)).await.expect(200);
        exchange.settle().await;
        assert_eq!(exchange.is_suppressed(ASHA, ContactChannel::Whatsapp).await, stopped, "{text}");
        let known = exchange.known(ASHA).await.expect("a window");
        assert_eq!(known.wrote_at, Some(exchange.world.platform.now()), "{text}");
    }
    assert!(exchange.suppression(ASHA, ContactChannel::Sms).await.is_none());
    assert_eq!(exchange.ledger(ASHA).await.len(), 2);
    assert_eq!(exchange.communications(lead.branch_id).await.len(), 5);
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn statuses_end_alike_in_every_order_and_however_often_they_come() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut ends = Vec::new();
    for order in orders {
        let (exchange, double) = whatsapp(Strangers::Keep).await;
        let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
        exchange.sent(ours.clone(), &id).await;
        let mut told = Vec::new();
        for status in ["sent", "delivered", "read"] {
            exchange.world.clock.advance(SignedDuration::from_secs(5));
            told.push(double.status(&id, status, None).expect("a status"));
        }
        for place in order {
            exchange.call(&told[place]).await.expect(200);
            let waiting = exchange.waiting().await;
            assert!(exchange.bring(&[waiting.clone(), waiting].concat()).await.is_empty(), "{order:?}");
        }
        // All of them once more, in one body.
        told.reverse();
        exchange.call(&together(&told, |_| {})).await.expect(200);
        exchange.settle().await;
        let end: Communication = exchange.read(ours.id).await.expect("it is there");
        assert_eq!(end.status, CommunicationStatus::Read, "{order:?}");
        let apart = |at: Option<Timestamp>| at.map(|at| at.duration_since(end.meta.created_at));
        ends.push([apart(end.sent_at), apart(end.delivered_at), apart(end.read_at)]);
        assert!(exchange.log().await.is_empty(), "{order:?}");
    }
    assert!(ends.iter().all(|end| end == &ends[0]), "{ends:#?}");
}

#[tokio::test]
async fn a_status_that_is_faster_than_who_sent_waits_for_them_and_holds_up_nobody_else() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let known = exchange.queued(ASHA).await;
    let known_id = exchange.hand_over().await;
    exchange.sent(known.clone(), &known_id).await;
    let (late, late_id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    let [one, other] = [&known_id, &late_id].map(|id| double.status(id, "delivered", None).expect("a status"));
    let said = double.message("wamid.in", DIGITS, "Asha", "Hello");
    exchange.call(&together(&[other, one, said], |_| {})).await.expect(200);
    exchange.settle().await;
    let status = async |id| exchange.read::<Communication>(id).await.expect("it is there").status;
    assert_eq!(status(known.id).await, CommunicationStatus::Delivered);
    assert_eq!(status(late.id).await, CommunicationStatus::Queued);
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Received);
    exchange.sent(late.clone(), &late_id).await;
    exchange.later(SignedDuration::from_secs(30)).await;
    assert_eq!(status(late.id).await, CommunicationStatus::Delivered);
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Processed);
    assert_eq!(exchange.communications(exchange.tenant.branch).await.len(), 3, "what was written stands there once");
    assert!(exchange.log().await.is_empty(), "it is nobody's failure");
}

#[tokio::test]
async fn a_failure_is_told_by_its_code_and_never_undoes_what_arrived() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    exchange.sent(ours.clone(), &id).await;
    exchange.call(&double.status(&id, "failed", Some(131_026)).expect("a status")).await.expect(200);
    exchange.settle().await;
    let failed: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!(failed.status, CommunicationStatus::Failed);
    assert_eq!(failed.failure.as_deref(), Some("WhatsApp's error 131026"));
    exchange.call(&double.status(&id, "delivered", None).expect("a status")).await.expect(200);
    exchange.settle().await;
    let arrived: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!(arrived.status, CommunicationStatus::Delivered);
}

#[tokio::test]
async fn what_is_of_another_number_or_of_nobody_is_let_be() {
    let (exchange, double) = whatsapp(Strangers::Lead).await;
    let other = together(&[double.message("wamid.1", DIGITS, "Asha", "Hello")], |body| {
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "9".into();
    });
    exchange.call(&other).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Ignored);
    assert!(exchange.communications(exchange.tenant.branch).await.is_empty() && exchange.leads().await.is_empty());
}

#[tokio::test]
async fn more_statuses_than_a_transaction_takes_are_all_done() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let mut told = Vec::new();
    for _ in 0..90 {
        let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
        exchange.sent(ours, &id).await;
        told.push(double.status(&id, "delivered", None).expect("a status"));
    }
    exchange.call(&together(&told, |_| {})).await.expect(200);
    exchange.settle().await;
    let said = exchange.communications(exchange.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.status == CommunicationStatus::Delivered).count(), 90);
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Processed);
}

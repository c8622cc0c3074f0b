//! What people write by e-mail.

use domain::integration::Strangers;
use domain::provider_delivery::DeliveryStatus;
use domain::template::Body;
use domain::{CommunicationDirection, CommunicationStatus, CommunicationType, File, FileType};
use standins::sns::Sns;
use standins::{Callback, Fault};

use crate::outsiders::ses_of;
use crate::support::Exchange;

const ASHA: &str = "asha@example.com";

async fn tell(exchange: &Exchange, callback: &Callback) {
    exchange.call(callback).await.expect(200);
    exchange.settle().await;
}

/// A mail from Asha that says this, with more headers.
fn mail(sns: &Sns, id: &str, more: &str, text: &str) -> Callback {
    let raw = format!(
        "From: Asha Example <{ASHA}>\r\nTo: desk@example.com\r\nSubject: Re: Your question\r\n{more}\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    sns.received(id, ASHA, &raw).expect("a notice")
}

#[tokio::test]
async fn an_answer_is_on_the_timeline_once_beside_what_it_answers() {
    let (exchange, sns) = ses_of(Strangers::Keep).await;
    let asked = exchange.queued(ASHA).await;
    exchange.sent(asked.clone(), "mail-1").await;
    let answers = "In-Reply-To: <mail-1@ap-south-1.amazonses.com>\r\nReferences: <other@example.com>\r\n";
    let told = mail(&sns, "in-1", answers, "Yes,\nplease.");
    tell(&exchange, &told).await;
    // The same notice, and the same mail in another.
    tell(&exchange, &told).await;
    tell(&exchange, &mail(&sns, "in-1", answers, "Yes,\nplease.")).await;
    let said = exchange.communications(exchange.tenant.branch).await;
    let inbound: Vec<_> = said.iter().filter(|one| one.direction == CommunicationDirection::Inbound).collect();
    let [answer] = &inbound[..] else { panic!("{inbound:?}") };
    assert_eq!((answer.kind, answer.status), (CommunicationType::Email, CommunicationStatus::Received));
    assert_eq!(answer.content.as_ref().map(Body::as_str), Some("Yes,\nplease."));
    assert_eq!(answer.subject.as_ref().map(ToString::to_string).as_deref(), Some("Re: Your question"));
    assert_eq!(answer.sender.as_ref().map(ToString::to_string).as_deref(), Some("Asha Example"));
    assert_eq!(answer.answers, Some(asked.id));
    assert_eq!(exchange.leads().await.len(), 0, "a stranger is kept as one");
}

#[tokio::test]
async fn a_stranger_becomes_a_lead_where_the_connection_says_so() {
    let (exchange, sns) = ses_of(Strangers::Lead).await;
    tell(&exchange, &mail(&sns, "in-1", "", "Is the course still open?")).await;
    tell(&exchange, &mail(&sns, "in-2", "", "And what does it cost?")).await;
    let leads = exchange.leads().await;
    let [lead] = &leads[..] else { panic!("{leads:?}") };
    assert_eq!(lead.email.as_ref().map(ToString::to_string).as_deref(), Some(ASHA));
    assert_eq!(lead.full_name.as_ref().map(domain::PersonName::as_str), Some("Asha Example"));
    let said = exchange.communications(lead.branch_id).await;
    assert!(said.len() == 2 && said.iter().all(|one| one.lead_id == Some(lead.id)), "{said:?}");
}

#[tokio::test]
async fn files_that_come_with_a_mail_are_kept_and_others_named() {
    let (exchange, sns) = ses_of(Strangers::Keep).await;
    let lead = exchange.lead_of(ASHA).await;
    let raw = format!(
        "From: {ASHA}\r\nSubject: The form\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n\
         --b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"form.pdf\"\r\n\r\nJVBERi0xLjcgZm9ybQ==\r\n\
         --b\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=\"photo.jpg.exe\"\r\n\r\nMZ\r\n--b--\r\n"
    );
    let told = sns.received("in-1", ASHA, &raw).expect("a notice");
    tell(&exchange, &told).await;
    tell(&exchange, &told).await;
    let said = exchange.communications(lead.branch_id).await;
    let [said] = &said[..] else { panic!("{said:?}") };
    let names: Vec<_> = said.attachments.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["form.pdf", "photo.jpg.exe"]);
    let [kept] = &said.files[..] else { panic!("{said:?}") };
    assert_eq!((kept.name.as_str(), kept.content_type), ("form.pdf", FileType::Pdf));
    let file: File = exchange.read(kept.id).await.expect("a file");
    assert_eq!((file.branch_id, file.uploaded_by), (lead.branch_id, exchange.agent.user));
    assert_eq!(exchange.bytes(&file).await, b"%PDF-1.7 form");
}

#[tokio::test]
async fn what_a_machine_answers_is_left() {
    let (exchange, sns) = ses_of(Strangers::Lead).await;
    tell(&exchange, &mail(&sns, "in-1", "Auto-Submitted: auto-replied\r\n", "I am away.")).await;
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Ignored);
    assert_eq!(exchange.leads().await.len(), 0);
    // What cannot be read is told, and costs no later one anything.
    tell(&exchange, &sns.received("in-2", ASHA, "Subject: x\r\n\r\nHello").expect("a notice")).await;
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Failed);
    tell(&exchange, &mail(&sns, "in-3", "", "Hello")).await;
    assert_eq!(exchange.leads().await.len(), 1);
}

#[tokio::test]
async fn whoever_dies_at_any_write_is_made_up_for() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1.. {
            let (exchange, sns) = ses_of(Strangers::Lead).await;
            exchange.kill(Some((write, fault)));
            let told = mail(&sns, "in-1", "", "Hello");
            if exchange.call(&told).await.status != 200 {
                exchange.succeed();
                exchange.call(&told).await.expect(200);
            }
            exchange.succeed();
            let waiting = exchange.waiting().await;
            exchange.bring(&waiting).await;
            let writes = exchange.revive();
            for _ in 0..3 {
                exchange.later(jiff::SignedDuration::from_mins(11)).await;
            }
            let what = format!("{fault:?} at write {write} of {writes}");
            let leads = exchange.leads().await;
            assert!(leads.len() == 1 && leads[0].touches == 1, "{what}: {leads:?}");
            assert_eq!(exchange.communications(leads[0].branch_id).await.len(), 1, "{what}");
            if writes < write {
                assert!(write > 2, "there are so many writes: {write}");
                break;
            }
        }
    }
}

//! An e-mail goes out with its files, or not at all.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use domain::communication::{AttachedFile, CommunicationDetails, Placing};
use domain::file::{AREA, Contents, NewFile};
use domain::integration::{ACCESS_TOKEN, APP_SECRET, CredentialsPatch, IntegrationSettings, Provider, VERIFY_TOKEN};
use domain::message::{LEASE, MessageState};
use domain::outreach::Outreach;
use domain::{
    Communication, CommunicationId, CommunicationStatus, CommunicationType, ContactAddress, ContactPurpose, File,
    FileId, FileType, Integration, IntegrationId, Message, MessageId, Recipient, UserId,
};
use mail_parser::{MessageParser, MimeHeaders as _};
use messages::Messages;
use providers::{Bases, Outside, Reach};
use serde_json::json;
use standins::{Fault, Service, Setup, whatsapp};
use tokio::net::TcpListener;

use crate::support::{Desk, by_mail};

const TOKEN: &str = "not-a-real-token";
const ADDRESS: &str = "asha@example.com";
/// Whatever ends its lines, and whatever else is in it.
const TABLE: &[u8] = b"Name,Fee\r\nAsha,\"1\r2\"\nRavi,2  \n.\n.. \n--edge\n\x0c";

impl Desk {
    async fn a_file(&self, name: &str, content_type: FileType, bytes: &[u8]) -> File {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let new = NewFile {
            id: FileId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            by: UserId::at(now, [1; 10]),
            name: name.parse().expect("a name"),
            now,
        };
        let count = u32::try_from(bytes.len()).expect("small");
        let contents = Contents { content_type, bytes: count, sha256: "ab".repeat(32) };
        let place = contents.place(new.id);
        let files = platform.files().expect("files");
        files.put(&self.grant, AREA, &place, content_type.header(), bytes.to_vec()).await.expect("its bytes");
        platform.table().commit(&self.grant, File::upload(new, contents)).await.expect("a file")
    }

    /// Something to be said, with files.
    async fn say_with(&self, kind: CommunicationType, files: &[&File]) -> (Communication, Message) {
        let (platform, organization) = (&self.world.platform, self.tenant.organization);
        let (table, now) = (platform.table(), platform.now());
        let (address, to) = if kind == CommunicationType::Email {
            (ADDRESS, by_mail(ADDRESS))
        } else {
            let number = "+919876543210".parse().expect("a number");
            let is_whatsapp = kind == CommunicationType::Whatsapp;
            ("+919876543210", if is_whatsapp { Recipient::Whatsapp(number) } else { Recipient::Sms(number) })
        };
        let address: ContactAddress = address.parse().expect("an address");
        let contact = table.hash_key().reachability_id(organization, &address);
        let content = Some("Your fee plan goes with this.".parse().expect("a text"));
        let mut details = CommunicationDetails::outbound(kind, ContactPurpose::Service, content);
        details.subject = Some("Your fee plan".parse().expect("a subject"));
        details.files = files.iter().map(|file| AttachedFile::of(file).expect("it is ready")).collect();
        details.attachments = details.files.iter().map(|file| file.name.line().clone()).collect();
        let placing = Placing {
            id: CommunicationId::at(now, platform.random()),
            organization,
            branch: self.tenant.branch,
            user: UserId::at(now, [1; 10]),
            lead: None,
            contact: Some((address, contact)),
            now,
        };
        let id = MessageId::at(now, platform.random());
        let purpose = ContactPurpose::Service;
        let is_free = kind == CommunicationType::Whatsapp;
        let outreach = Outreach { purpose, contact, lead: None, zone: None, dlt: None, is_free };
        let queued = Message::speak(id, organization, to, placing.id, None, now);
        let mut transaction = table.transaction();
        let communication = Communication::carry(details, placing, id);
        let communication = transaction.push(&self.grant, communication).expect("a change");
        let message = transaction.push(&self.grant, Message::reaching(queued, outreach)).expect("a change");
        transaction.commit().await.expect("it is queued");
        (communication, message)
    }

    /// The organization's own number at WhatsApp.
    async fn connect_whatsapp(&self) {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let user = UserId::at(now, [1; 10]);
        let settings = IntegrationSettings::of(Provider::Whatsapp, user, self.tenant.branch);
        let patch = json!({"phone_number_id": "106540352242922"});
        let settings = settings.merged(patch.as_object().cloned().expect("an object")).expect("settings");
        let credentials = [ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN];
        let credentials = credentials.map(|name| (name.to_owned(), Some(TOKEN.parse().expect("a secret"))));
        let id = IntegrationId::at(now, platform.random());
        let what = (Provider::Whatsapp, "WhatsApp".parse().expect("a label"));
        let credentials = CredentialsPatch::from(credentials);
        let change = Integration::create(id, self.tenant.organization, what, settings, &credentials, now);
        platform.table().commit(&self.grant, change.expect("a connection")).await.expect("a connection");
    }

    async fn said(&self, communication: &Communication) -> Communication {
        let table = self.world.platform.table();
        table.get_to_change(&self.grant, communication.id).await.expect("the communication")
    }
}

fn pdf() -> Vec<u8> {
    let bytes = (0..100_000_u32).flat_map(u32::to_be_bytes);
    b"%PDF-1.7\n".iter().copied().chain(bytes).collect()
}

#[tokio::test]
async fn an_email_arrives_with_its_files_byte_for_byte() {
    let desk = Desk::new().await;
    let brochure = desk.a_file("Fee plan — नया \"2027\".pdf", FileType::Pdf, &pdf()).await;
    let table = desk.a_file("fees.csv", FileType::Csv, TABLE).await;
    let (communication, message) = desk.say_with(CommunicationType::Email, &[&brochure, &table]).await;
    desk.send(&[&message]).await;
    let [sent] = &desk.outbox()[..] else { panic!("one mail") };
    let mail = MessageParser::default().parse(&sent.raw).expect("a mail");
    assert_eq!(mail.root_part().content_type().and_then(|kind| kind.subtype()), Some("mixed"));
    assert!(mail.body_text(0).expect("text").contains("Your fee plan goes with this."));
    assert!(mail.body_html(0).expect("HTML").contains("Your fee plan goes with this."));
    let arrived: Vec<_> = mail
        .attachments()
        .map(|part| {
            let kind = part.content_type().expect("a type");
            let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
            (part.attachment_name().unwrap_or_default().to_owned(), kind, part.contents().to_vec())
        })
        .collect();
    assert_eq!(
        arrived,
        [
            ("Fee plan — नया \"2027\".pdf".to_owned(), "application/pdf".to_owned(), pdf()),
            ("fees.csv".to_owned(), "text/csv".to_owned(), TABLE.to_vec()),
        ]
    );
    assert_eq!(mail.message_id(), Some(format!("{}@sampark.example", message.id).as_str()));
    assert_eq!(desk.said(&communication).await.status, CommunicationStatus::Sent);
}

#[tokio::test]
async fn a_file_goes_over_whatsapp_with_the_words_below_it() {
    let desk = Desk::new().await;
    let account = whatsapp::Account {
        business: "102290129340398".to_owned(),
        number: "106540352242922".to_owned(),
        display: "+15550783881".to_owned(),
        token: TOKEN.to_owned(),
        secret: "not-a-real-app-secret".to_owned(),
        templates: HashMap::new(),
    };
    let double = whatsapp::CloudWhatsApp::new(desk.world.standins.ses.outbox().clone(), &Setup::default(), account);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let graph = format!("http://{}/v24.0", listener.local_addr().expect("an address"));
    let served = double.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    let bases = Bases { graph, ..Bases::default() };
    #[expect(clippy::disallowed_methods, reason = "the double is on this machine")]
    let outside = Outside::at(bases, Reach::with_loopback(), desk.world.standins.ses.client()).expect("clients");
    let worker = Messages::new(desk.world.platform.clone().with_outside(outside));
    desk.connect_whatsapp().await;

    let file = desk.a_file("Fee plan.pdf", FileType::Pdf, &pdf()).await;
    let (communication, message) = desk.say_with(CommunicationType::Whatsapp, &[&file]).await;
    let (table, now) = (desk.world.platform.table(), desk.world.platform.now());
    let known = domain::Reachability::new(communication.contact.expect("a number"), desk.tenant.organization, now);
    table.commit(&desk.grant, known.wrote(now, now)).await.expect("they wrote");
    for _ in 0..2 {
        let event = json!({"Records": [{"messageId": "1", "body": desk.step(&message)}]});
        let event = serde_json::from_value(event).expect("an event");
        assert!(worker.handle(event).await.batch_item_failures.is_empty());
    }
    assert_eq!(desk.said(&communication).await.status, CommunicationStatus::Sent);
    let [media] = &double.media()[..] else { panic!("one file") };
    assert_eq!((media.name.as_str(), media.content_type.as_str()), ("Fee plan.pdf", "application/pdf"));
    assert_eq!(media.bytes, pdf());
    let [sent] = &desk.outbox()[..] else { panic!("one message") };
    let said = format!("[Fee plan.pdf, {} bytes]\nYour fee plan goes with this.", pdf().len());
    assert_eq!((sent.channel.as_str(), String::from_utf8_lossy(&sent.raw).into_owned()), ("whatsapp", said));
}

#[tokio::test]
async fn without_a_file_that_belongs_to_it_nothing_goes_out() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let (kept, gone) =
        (desk.a_file("a.pdf", FileType::Pdf, b"%PDF-1").await, desk.a_file("b.pdf", FileType::Pdf, b"%PDF-2").await);
    let (communication, message) = desk.say_with(CommunicationType::Email, &[&kept, &gone]).await;
    desk.world.platform.table().commit(&desk.grant, gone.delete(now)).await.expect("it is deleted");
    let lost = desk.a_file("c.pdf", FileType::Pdf, b"%PDF-3").await;
    let (_, second) = desk.say_with(CommunicationType::Email, &[&lost]).await;
    let files = desk.world.platform.files().expect("files");
    files.remove_all(&desk.grant, AREA, &lost.id.to_string()).await.expect("its bytes are removed");
    let (_, third) = desk.say_with(CommunicationType::Sms, &[&kept]).await;
    desk.send(&[&message, &second, &third]).await;
    for (message, why) in [
        (&message, "a file that goes with it was deleted"),
        (&second, "a file that goes with it was deleted"),
        (&third, "files go by e-mail and WhatsApp alone"),
    ] {
        let kept = desk.read(message).await;
        assert_eq!((kept.state, kept.tries, kept.failure.as_deref()), (MessageState::Failed, 0, Some(why)));
    }
    let said = desk.said(&communication).await;
    assert_eq!(said.status, CommunicationStatus::Failed);
    assert_eq!(said.failure.as_deref(), Some("a file that goes with it was deleted"));
    assert!(desk.outbox().is_empty());
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_costs_no_try() {
    let desk = Desk::new().await;
    let file = desk.a_file("a.pdf", FileType::Pdf, b"%PDF-1").await;
    let (_, message) = desk.say_with(CommunicationType::Email, &[&file]).await;
    desk.close(Service::S3, true);
    assert_eq!(desk.bring(&[desk.step(&message)]).await, [0], "the queue brings it again");
    assert_eq!((desk.read(&message).await.tries, desk.outbox().len()), (0, 0));
    desk.close(Service::S3, false);
    desk.send(&[&message]).await;
    assert_eq!((desk.read(&message).await.state, desk.outbox().len()), (MessageState::Sent, 1));
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_die_at_any_write_and_the_mail_has_its_files_each_time() {
    // A claim, the mail, its end.
    for write in 1..=3 {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let desk = Desk::new().await;
            let file = desk.a_file("a.pdf", FileType::Pdf, &pdf()).await;
            let (communication, message) = desk.say_with(CommunicationType::Email, &[&file]).await;
            let body = [desk.step(&message)];
            desk.trap.kill(Some((write, fault)));
            desk.bring(&body).await;
            assert!(desk.trap.has_killed(), "{fault:?} at write {write}");
            desk.trap.succeed();
            // The queue brings it again, and later the clock does.
            desk.bring(&body).await;
            desk.world.clock.advance(LEASE);
            for _ in 0..2 {
                assert!(desk.bring(&body).await.is_empty());
            }
            let (kept, said) = (desk.read(&message).await, desk.said(&communication).await);
            assert_eq!((kept.state, said.status), (MessageState::Sent, CommunicationStatus::Sent));
            // Twice it goes out only where the death fell between the mail and the note that it was sent, and then under one
            // id, of which mailboxes keep one.
            let is_in_doubt = matches!((write, fault), (2, Fault::CrashAfter) | (3, Fault::CrashBefore));
            let out = desk.outbox();
            assert_eq!(out.len(), 1 + usize::from(is_in_doubt), "{fault:?} at write {write}");
            for sent in &out {
                let mail = MessageParser::default().parse(&sent.raw).expect("a mail");
                assert_eq!(mail.message_id(), Some(format!("{}@sampark.example", message.id).as_str()));
                assert_eq!(mail.attachments().map(|part| part.contents().to_vec()).collect::<Vec<_>>(), [pdf()]);
            }
        }
    }
}

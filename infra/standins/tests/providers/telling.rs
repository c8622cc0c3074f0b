//! What doubles tell of messages by their places in the outbox: genuine, where they were told to call, and after a restart too.

use std::collections::HashMap;

use aws_sdk_ses::config::Credentials;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};
use providers::inbound::meta::{self, Event};
use providers::inbound::ses::{self, MailEventKind};
use providers::inbound::sns::{NoticeKind, verify};
use providers::inbound::{DeliveryState, msg91 as reports, twilio as callbacks};
use providers::{
    CloudWhatsApp, Msg91, TextMessage, TextSender as _, TextTemplate, Twilio, TwilioSender, WhatsApp as _,
    WhatsAppBody, WhatsAppMessage, WhatsAppRecipient,
};
use standins::sns::Sns;
use standins::whatsapp::{self, Account};
use standins::{Act, Setup, Telling, Untold, msg91, twilio};

use crate::{ASHA, SECRET, api, credential, outbox, serve, text};

const URL: &str = "http://127.0.0.1:3000/v1/webhooks/x/intg_1";
const NUMBERS: [&str; 2] = ["106540352242922", "106540352242923"];

#[tokio::test]
async fn twilio_tells_where_it_was_asked_to_with_each_message() {
    let outbox = outbox();
    let start = || twilio::Twilio::new(outbox.clone(), "AC1", SECRET);
    let base = serve!(start());
    let sender = || TwilioSender::From("+15005550006".to_owned());
    let account = || Twilio::new(api(), &base, "AC1", &credential(SECRET), sender()).expect("an account");
    account().send(&text(ASHA)).await.expect("it is taken");
    account().telling(URL).send(&text(ASHA)).await.expect("it is taken");

    let again = start();
    for (act, state, error) in
        [(Act::Delivered, DeliveryState::Delivered, None), (Act::Failed, DeliveryState::Failed, Some(30_003))]
    {
        let Telling { url, callback } = again.tell(2, act).expect("it tells");
        let told_at = format!("{URL}?message=msg_1");
        assert_eq!(callbacks::verify(SECRET, &told_at, &callback.headers, &callback.body), Ok(()));
        let told = callbacks::sms::read(&callback.body).expect("it reads");
        let Some(callbacks::sms::SmsEvent::Status(told)) = told else { panic!("{told:?}") };
        assert_eq!((url, told.state, told.error), (told_at, state, error));
    }
    let Telling { url, callback } = again.answer(2, 1, "Yes").expect("it tells");
    assert_eq!(url, URL, "what people write is of no message of ours");
    assert_eq!(callbacks::verify(SECRET, URL, &callback.headers, &callback.body), Ok(()));
    assert!(matches!(again.tell(1, Act::Delivered), Err(Untold::NoAddress)));
    assert!(matches!(again.tell(3, Act::Delivered), Err(Untold::NotCarried)));
    assert!(matches!(again.tell(2, Act::Read), Err(Untold::NotOfTheKind)));
}

#[tokio::test]
async fn msg91_tells_at_the_address_of_its_account() {
    let outbox = outbox();
    let start = || msg91::Msg91::new(outbox.clone(), SECRET, "SAMPRK", &[("hello", "Hello")]);
    let base = serve!(start());
    let account = Msg91::new(api(), &base, &credential(SECRET)).expect("an account");
    let template = Some(TextTemplate { id: "hello".to_owned(), values: Vec::new() });
    let request = account.send(&TextMessage { template, ..text(ASHA) }).await.expect("it is taken");
    assert!(matches!(start().tell(1, Act::Delivered), Err(Untold::NoAddress)));
    start().call_at(URL).expect("kept");
    for (act, state) in [(Act::Delivered, DeliveryState::Delivered), (Act::Failed, DeliveryState::Failed)] {
        let Telling { url, callback } = start().tell(1, act).expect("it tells");
        let [told] = &reports::read(&callback.body).expect("it reads")[..] else { panic!("one") };
        assert_eq!((url.as_str(), told.request.as_str(), told.state), (URL, request.as_str(), state));
    }
}

#[tokio::test]
async fn each_number_at_whatsapp_tells_at_its_own_address_and_what_its_receiver_answers() {
    let outbox = outbox();
    let account = || Account {
        business: "1".to_owned(),
        number: NUMBERS[0].to_owned(),
        display: "+1 555 078 3881".to_owned(),
        token: SECRET.to_owned(),
        secret: SECRET.to_owned(),
        templates: HashMap::new(),
    };
    let other = [(NUMBERS[1], "+1 555 078 3882")];
    let start = || whatsapp::CloudWhatsApp::with_numbers(outbox.clone(), &Setup::default(), account(), &other);
    let base = format!("{}/v24.0", serve!(start()));
    for number in NUMBERS {
        let number = CloudWhatsApp::new(api(), &base, number, &credential(SECRET)).expect("a number");
        let body = WhatsAppBody::Text { text: "Hello".to_owned(), preview: false };
        let to = WhatsAppRecipient::Number(ASHA.to_owned());
        number.send(&WhatsAppMessage { id: "msg_1".to_owned(), to, body }).await.expect("it is taken");
    }
    start().call_at(NUMBERS[1], URL).expect("kept");
    assert!(matches!(start().tell(1, Act::Read), Err(Untold::NoAddress)), "the first number has no address");
    assert_eq!(outbox.message(2).expect("read").expect("kept").from, "+1 555 078 3882");

    let Telling { url, callback } = start().tell(2, Act::Read).expect("it tells");
    assert_eq!(meta::verify(SECRET, &callback.headers, &callback.body), Ok(()));
    let [Event::Status(status)] = &meta::read(&callback.body).expect("it reads")[..] else { panic!("one") };
    assert_eq!((url.as_str(), status.state, status.number.as_str()), (URL, DeliveryState::Read, NUMBERS[1]));

    let answers = [1, 2].map(|nth| start().answer(2, nth, "Yes").expect("it tells").callback);
    let read = |callback: &standins::Callback| {
        assert_eq!(meta::verify(SECRET, &callback.headers, &callback.body), Ok(()));
        let [Event::Message(message)] = &meta::read(&callback.body).expect("it reads")[..] else { panic!("one") };
        message.clone()
    };
    let [first, second] = [read(&answers[0]), read(&answers[1])];
    assert_ne!(first.id, second.id);
    assert_eq!((first.answers.as_deref(), first.number.as_str()), (Some(status.id.as_str()), NUMBERS[1]));
    assert_eq!(first.from.number.as_deref(), Some(ASHA.trim_start_matches('+')));
}

#[tokio::test]
async fn ses_tells_of_the_mails_of_an_account_whose_topic_somebody_subscribed_to() {
    const MAIL: &[u8] = b"From: office@example.com\r\nTo: asha@example.com\r\nSubject: x\r\n\r\nHello";
    const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";
    let (setup, outbox) = (Setup::default(), outbox());
    let double = standins::Ses::new(outbox, &setup);
    let topic = Sns::new(TOPIC, &setup).expect("a topic");
    let own = double.client();
    let credentials = Credentials::new("an-organization", SECRET, None, None, "test");
    let theirs = own.config().to_builder().credentials_provider(credentials).build();
    let theirs = aws_sdk_ses::Client::from_conf(theirs);
    let raw = RawMessage::builder().data(Blob::new(MAIL)).build().expect("a message");
    for client in [&own, &theirs] {
        client.send_raw_email().raw_message(raw.clone()).send().await.expect("it is taken");
    }
    let tag = MessageTag::builder().name("message").value("msg_1").build().expect("a tag");
    let tagged = theirs.send_raw_email().raw_message(raw).configuration_set_name("events").tags(tag);
    tagged.send().await.expect("it is taken");
    assert_eq!(double.account_of(1).expect("read").as_deref(), Some(standins::ACCESS_KEY));
    double.call_at("an-organization", URL).expect("kept");
    assert!(matches!(double.tell(&topic, 1, Act::Delivered), Err(Untold::NoAddress)));
    for (mail, id, ours) in [(2, "0000000000000002", None), (3, "0000000000000003", Some("msg_1"))] {
        let Telling { url, callback } = double.tell(&topic, mail, Act::Complained).expect("it tells");
        let notice = verify(TOPIC, &callback.body, &topic).await.expect("it is genuine");
        let NoticeKind::Published { message } = notice.kind else { panic!("{:?}", notice.kind) };
        let event = ses::read(&message).expect("it reads");
        assert_eq!((url.as_str(), event.id.as_str(), event.message.as_deref()), (URL, id, ours));
        assert_eq!(event.kind, MailEventKind::Complained(Some("abuse".to_owned())));
        assert_eq!(event.recipients, ["asha@example.com"]);
    }
    assert!(matches!(double.tell(&topic, 3, Act::Read), Err(Untold::NotOfTheKind)));
}

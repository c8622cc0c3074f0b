use std::collections::HashMap;
use std::time::Instant;

use providers::inbound::meta::{self, Content, Event, Party};
use providers::inbound::{DeliveryState, Forged};
use providers::{
    Attachment, CloudMedia, CloudTemplates, CloudWhatsApp, SendError, TemplateComponent, TemplateStanding,
    TemplateValue, WhatsApp as _, WhatsAppBody, WhatsAppMedia, WhatsAppMessage, WhatsAppRecipient, WhatsAppTemplate,
};
use standins::whatsapp::{self, Account, Media};
use standins::{ManualClock, Setup, Trouble};

use crate::{ASHA, SECRET, TROUBLES, api, check, credential, is_clean, outbox, serve};

const APP_SECRET: &str = "not-a-real-app-secret";
const BUSINESS: &str = "102290129340398";

async fn served(token: &str) -> (whatsapp::CloudWhatsApp, String) {
    let account = Account {
        business: BUSINESS.to_owned(),
        number: "106540352242922".to_owned(),
        display: "+15550783881".to_owned(),
        token: token.to_owned(),
        secret: APP_SECRET.to_owned(),
        templates: HashMap::from([(
            ("visit".to_owned(), "en_US".to_owned()),
            "Dear {{1}}, we come on {{2}}.".to_owned(),
        )]),
    };
    let setup = Setup { clock: ManualClock::new(1_795_168_800).arc(), ..Setup::default() };
    let double = whatsapp::CloudWhatsApp::new(outbox(), &setup, account);
    let base = format!("{}/v24.0", serve!(double));
    (double, base)
}

async fn number(token: &str) -> (whatsapp::CloudWhatsApp, CloudWhatsApp) {
    let (double, base) = served(token).await;
    let number = CloudWhatsApp::new(api(), &base, "106540352242922", &credential(SECRET)).expect("a number");
    (double, number)
}

fn message(body: WhatsAppBody) -> WhatsAppMessage {
    WhatsAppMessage { id: "msg_1".to_owned(), to: WhatsAppRecipient::Number(ASHA.to_owned()), body }
}

fn text() -> WhatsAppMessage {
    message(WhatsAppBody::Text { text: "Grüße".to_owned(), preview: false })
}

fn visit(name: &str, values: &[&str]) -> WhatsAppMessage {
    let value = |text: &&str| TemplateValue::Text { name: None, text: (*text).to_owned() };
    let components = vec![
        TemplateComponent::Body(values.iter().map(value).collect()),
        TemplateComponent::UrlButton { index: 0, suffix: "42".to_owned() },
    ];
    message(WhatsAppBody::Template(WhatsAppTemplate {
        name: name.to_owned(),
        language: "en_US".to_owned(),
        components,
    }))
}

#[tokio::test]
async fn a_text_and_a_template_are_taken_and_their_statuses_are_genuine() {
    let (double, number) = number(SECRET).await;
    number.send(&text()).await.expect("it is taken");
    let id = number.send(&visit("visit", &["Asha", "Friday"])).await.expect("it is taken");
    let kept = double.outbox().messages(None, 10).expect("listed");
    assert_eq!((kept[0].channel.as_str(), kept[0].to.as_slice()), ("whatsapp", &[ASHA.to_owned()][..]));
    assert_eq!(String::from_utf8_lossy(&kept[0].raw), "Dear Asha, we come on Friday.");
    assert_eq!(String::from_utf8_lossy(&kept[1].raw), "Grüße");

    let told = double.status(&id, "failed", Some(131_026)).expect("a status");
    assert_eq!(meta::verify(APP_SECRET, &told.headers, &told.body), Ok(()));
    let [Event::Status(status)] = &meta::read(&told.body).expect("it reads")[..] else { panic!("one") };
    assert_eq!((status.id.as_str(), status.ours.as_deref()), (id.as_str(), Some("msg_1")));
    assert_eq!((status.state, status.error), (DeliveryState::Failed, Some(131_026)));
    assert_eq!((status.at.as_second(), status.number.as_str()), (1_795_168_800, "106540352242922"));

    let read = double.status(&id, "read", None).expect("a status");
    assert_eq!(meta::verify(APP_SECRET, &told.headers, &read.body), Err(Forged::Mismatch), "another body");
    assert_eq!(meta::verify("another-secret", &read.headers, &read.body), Err(Forged::Mismatch));
    assert_eq!(double.status("wamid.0", "read", None), None);

    let written = double.message("wamid.1", "919876543210", "Asha", "Yes");
    assert_eq!(meta::verify(APP_SECRET, &written.headers, &written.body), Ok(()));
    let [Event::Message(message)] = &meta::read(&written.body).expect("it reads")[..] else { panic!("one") };
    assert_eq!((message.content.clone(), message.name.as_deref()), (Content::Text("Yes".to_owned()), Some("Asha")));
}

#[tokio::test]
async fn who_goes_by_a_username_is_written_to_by_an_id() {
    let (double, number) = number(SECRET).await;
    let user = "US.13491208655302741918";
    let message = WhatsAppMessage { to: WhatsAppRecipient::User(user.to_owned()), ..text() };
    let id = number.send(&message).await.expect("it is taken");
    assert_eq!(double.outbox().messages(None, 1).expect("listed")[0].to, [user]);
    let told = double.status(&id, "delivered", None).expect("a status");
    let [Event::Status(status)] = &meta::read(&told.body).expect("it reads")[..] else { panic!("one") };
    assert_eq!(status.to, Party { number: None, user: Some(user.to_owned()) });
}

fn file(content_type: &'static str, bytes: usize, caption: Option<&str>) -> WhatsAppMessage {
    let file = Attachment { name: "Fee \"plan\".pdf".to_owned(), content_type, bytes: vec![0x0a; bytes] };
    message(WhatsAppBody::Media(WhatsAppMedia { file, caption: caption.map(str::to_owned) }))
}

#[tokio::test]
async fn a_file_is_handed_over_and_then_named_by_its_message() {
    let (double, number) = number(SECRET).await;
    let said = async |message: &WhatsAppMessage| {
        number.send(message).await.expect("it is taken");
        let kept = double.outbox().messages(None, 1).expect("listed");
        String::from_utf8_lossy(&kept[0].raw).into_owned()
    };
    let plan = said(&file("application/pdf", 9, Some("Your fee plan"))).await;
    assert_eq!(plan, "[Fee \"plan\".pdf, 9 bytes]\nYour fee plan");
    assert_eq!(said(&file("text/plain; charset=utf-8", 9, None)).await, "[Fee \"plan\".pdf, 9 bytes]");
    assert_eq!(said(&file("image/png", 9, None)).await, "[image, 9 bytes]");
    assert_eq!(said(&file("audio/ogg", 9, None)).await, "[audio, 9 bytes]");
    let handed_over = double.media();
    assert_eq!((handed_over[0].content_type.as_str(), &handed_over[0].bytes[..]), ("application/pdf", &[0x0a; 9][..]));
    assert_eq!(handed_over.len(), 4);

    for (bad, why) in [
        (file("image/webp", 9, None), "131053"),
        (file("image/png", 5_000_001, None), "131053"),
        (file("application/pdf", 0, None), "131053"),
    ] {
        let error = number.send(&bad).await.expect_err("it is refused");
        assert!(matches!(&error, SendError::Refused(said) if said.contains(why)), "{error:?}");
    }
    assert!(matches!(number.send(&file("audio/ogg", 9, Some("Hello"))).await, Err(SendError::Refused(_))));
    assert_eq!((double.media().len(), double.outbox().count().expect("counted")), (4, 4));
    // Trouble with the file is none of the message's, and the other way round.
    double.trouble(Trouble::Status { status: 503, retry_after: None });
    assert!(matches!(number.send(&file("image/png", 9, None)).await, Err(SendError::NotTaken { .. })));
    double.trouble(Trouble::Garbled);
    assert!(matches!(number.send(&file("image/png", 9, None)).await, Err(SendError::NotTaken { .. })));
    assert_eq!(double.outbox().count().expect("counted"), 4);
}

#[tokio::test]
async fn what_meta_does_not_take_is_refused_for_good() {
    let (double, number) = number(SECRET).await;
    for (bad, code) in [(visit("nothing", &["a", "b"]), 132_001), (visit("visit", &["a"]), 132_000)] {
        let error = number.send(&bad).await.expect_err("it is refused");
        assert!(matches!(&error, SendError::Refused(why) if why.contains(&code.to_string())), "{error:?}");
    }
    for code in [100, 131_026, 131_047, 131_051] {
        double.trouble(Trouble::Code(code));
        let error = number.send(&text()).await.expect_err("it is refused");
        assert!(matches!(error, SendError::Refused(_)) && is_clean(&error), "{error:?}");
    }
    let elsewhere = WhatsAppMessage { to: WhatsAppRecipient::Number("9876543210".to_owned()), ..text() };
    let error = number.send(&elsewhere).await.expect_err("it is refused");
    assert!(matches!(error, SendError::Refused(_)) && is_clean(&error), "{error:?}");
    assert_eq!(double.outbox().count().expect("counted"), 0);
}

#[tokio::test]
async fn no_trouble_is_taken_for_a_success_or_for_the_end() {
    let (double, number) = number(SECRET).await;
    let mut kept = 0;
    for (trouble, taken) in TROUBLES {
        double.trouble(trouble);
        let begun = Instant::now();
        check(trouble, number.send(&text()).await, begun);
        kept += taken;
        assert_eq!(double.outbox().count().expect("counted"), kept, "{trouble:?}");
    }
    for code in [1, 2, 4, 80_007, 130_429, 131_016, 131_048, 131_056, 190] {
        double.trouble(Trouble::Code(code));
        let error = number.send(&text()).await.expect_err("it is not taken");
        assert!(matches!(error, SendError::NotTaken { .. }), "{code}: {error:?}");
    }
    number.send(&text()).await.expect("the trouble is over");
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_no_log_shows_the_right_one() {
    let (double, number) = number("another-token").await;
    let error = number.send(&text()).await.expect_err("it is not let in");
    assert_eq!(error, SendError::not_taken("WhatsApp's error 190: the access token is not good"));
    let shown = format!("{number:?} {double:?} {:?}", text());
    assert!(!shown.contains("secret") && !shown.contains("Bearer") && !shown.contains("98765"), "{shown}");
    assert!(CloudWhatsApp::new(api(), CloudWhatsApp::BASE, "../me", &credential(SECRET)).is_err());
}

#[tokio::test]
async fn where_a_template_stands_is_told_when_asked_and_by_a_genuine_webhook() {
    let (double, number) = number(SECRET).await;
    let base = format!("{}/v24.0", serve!(double));
    let account = CloudTemplates::new(api(), &base, BUSINESS, &credential(SECRET)).expect("an account");
    let standing = async |name: &str, language: &str| account.standing(name, |told| told == language).await;
    assert_eq!(standing("visit", "en_US").await, Ok(Some(TemplateStanding::Approved)));
    for (name, language) in [("visit", "hi"), ("visi", "en_US"), ("visits", "en_US")] {
        assert_eq!(standing(name, language).await, Ok(None), "{name} {language}");
    }

    let rejected = TemplateStanding::Rejected("PAUSED".to_owned());
    let told = double.judge("visit", "en_US", "PAUSED", "NONE");
    assert_eq!(meta::verify(APP_SECRET, &told.headers, &told.body), Ok(()));
    let [Event::Template(status)] = &meta::read(&told.body).expect("it reads")[..] else { panic!("one") };
    assert_eq!((status.name.as_str(), status.language.as_str()), ("visit", "en_US"));
    assert_eq!((status.account.as_str(), &status.standing), (BUSINESS, &rejected));
    assert_eq!(status.at.map(jiff::Timestamp::as_second), Some(1_795_168_800));
    assert_eq!(standing("visit", "en_US").await, Ok(Some(rejected)));
    let error = number.send(&visit("visit", &["Asha", "Friday"])).await.expect_err("it is not sent");
    assert!(error.to_string().contains("132015"), "{error}");

    for trouble in [Trouble::Code(190), Trouble::Code(80_008), Trouble::Status { status: 503, retry_after: None }] {
        double.trouble(trouble);
        let error = standing("visit", "en_US").await.expect_err("it is not told");
        assert!(matches!(error, SendError::NotTaken { .. }) && is_clean(&error), "{trouble:?}: {error:?}");
    }
    double.trouble(Trouble::Code(100));
    assert!(matches!(standing("visit", "en_US").await, Err(SendError::Refused(_))));
    assert!(CloudTemplates::new(api(), &base, "1/2", &credential(SECRET)).is_err());
}

#[tokio::test]
async fn a_template_is_found_behind_many_that_are_called_alike() {
    let called = |n: usize| ((format!("visit_{n:03}"), "en".to_owned()), "Hello".to_owned());
    let account = Account {
        business: BUSINESS.to_owned(),
        number: "1".to_owned(),
        display: "+15550783881".to_owned(),
        token: SECRET.to_owned(),
        secret: APP_SECRET.to_owned(),
        templates: (0..300)
            .map(called)
            .chain([(("visit_149x".to_owned(), "en".to_owned()), "Hello".to_owned())])
            .collect(),
    };
    let double = whatsapp::CloudWhatsApp::new(outbox(), &Setup::default(), account);
    let base = format!("{}/v24.0", serve!(double));
    let account = CloudTemplates::new(api(), &base, BUSINESS, &credential(SECRET)).expect("an account");
    let all = |_: &str| true;
    assert_eq!(account.standing("visit_149x", all).await, Ok(Some(TemplateStanding::Approved)));
    assert_eq!(account.standing("visit_1", all).await, Ok(None), "a part of a hundred others");
    assert!(matches!(account.standing("visit", all).await, Err(SendError::Refused(_))), "no end is in sight");
}

#[tokio::test]
async fn a_file_that_somebody_sent_is_fetched_where_whatsapp_says_it_lies() {
    let (double, base) = served(SECRET).await;
    let media = CloudMedia::new(api(), &base, &credential(SECRET)).expect("a client");
    let bytes = [b"%PDF-1.7".to_vec(), vec![0; 700_000]].concat();
    let sent = Media { name: "form.pdf".to_owned(), content_type: "application/pdf".to_owned(), bytes: bytes.clone() };
    let told = double.file("wamid.1", "919876543210", "Asha", sent, Some("The form"));
    let [Event::Message(message)] = &meta::read(&told.body).expect("it reads")[..] else { panic!("a message") };
    let Content::Media { kind, id, filename, caption, .. } = &message.content else { panic!("{message:?}") };
    assert_eq!(
        (kind.as_str(), filename.as_deref(), caption.as_deref()),
        ("document", Some("form.pdf"), Some("The form"))
    );
    assert_eq!(media.fetch(id).await.expect("the file"), bytes);

    double.forget_files();
    assert!(matches!(media.fetch(id).await, Err(SendError::Refused(_))), "it is gone");
    for wrong in ["", "me", "1/2", "../1"] {
        assert!(matches!(media.fetch(wrong).await, Err(SendError::Refused(_))), "{wrong}");
    }
}

use std::time::Instant;

use providers::inbound::twilio::{sms, verify};
use providers::inbound::{DeliveryState, Forged};
use providers::{SendError, TextMessage, TextSender as _, Twilio, TwilioSender};
use standins::{Trouble, twilio};

use crate::{ASHA, SECRET, TROUBLES, api, check, credential, is_clean, outbox, serve, text};

const ACCOUNT: &str = "AC00000000000000000000000000000000";
/// The number that Twilio documents as a good sender for tests.
const FROM: &str = "+15005550006";
const CALLBACK: &str = "https://api.example.com/v1/webhooks/twilio/intg_1";

async fn account() -> (twilio::Twilio, Twilio) {
    let double = twilio::Twilio::new(outbox(), ACCOUNT, SECRET);
    let base = serve!(double);
    let sender = TwilioSender::From(FROM.to_owned());
    let twilio = Twilio::new(api(), &base, ACCOUNT, &credential(SECRET), sender).expect("an account");
    (double, twilio.telling(CALLBACK))
}

#[tokio::test]
async fn a_message_is_taken_and_its_callback_is_genuine() {
    let (double, twilio) = account().await;
    let sid = twilio.send(&text(ASHA)).await.expect("it is taken");
    let kept = double.outbox().messages(None, 10).expect("listed");
    assert_eq!(
        (kept[0].from.as_str(), kept[0].to.as_slice(), kept[0].raw.as_slice()),
        (FROM, &[ASHA.to_owned()][..], "Grüße & 100 %".as_bytes())
    );

    let (url, callback) = double.callback(&sid, "undelivered", Some(30_005)).expect("a callback");
    assert_eq!(url, format!("{CALLBACK}?message=msg_1"));
    let (_, query) = url.split_once('?').expect("a query");
    assert_eq!((sms::ours(query).as_deref(), sms::ours("other=1"), sms::ours("")), (Some("msg_1"), None, None));
    assert_eq!(verify(SECRET, &url, &callback.headers, &callback.body), Ok(()));
    let told = sms::read(&callback.body).expect("it reads");
    let Some(sms::SmsEvent::Status(told)) = told else { panic!("{told:?}") };
    assert_eq!((told.sid, told.state, told.error), (sid.clone(), DeliveryState::Failed, Some(30_005)));

    let (_, other) = double.callback(&sid, "delivered", None).expect("a callback");
    assert_eq!(verify(SECRET, &url, &callback.headers, &other.body), Err(Forged::Mismatch), "another body");
    assert_eq!(verify("another-secret", &url, &other.headers, &other.body), Err(Forged::Mismatch));
    assert_eq!(double.callback("SM0", "delivered", None), None);
}

#[tokio::test]
async fn a_service_or_another_sender_takes_the_account_s_place() {
    let double = twilio::Twilio::new(outbox(), ACCOUNT, SECRET);
    let base = serve!(double);
    let service = TwilioSender::Service(format!("MG{}", "0".repeat(32)));
    let twilio = Twilio::new(api(), &base, ACCOUNT, &credential(SECRET), service.clone()).expect("an account");
    let sid = twilio.send(&text(ASHA)).await.expect("it is taken");
    assert_eq!(double.callback(&sid, "sent", None), None, "nobody asked to be told");
    twilio.send(&TextMessage { sender: Some("SAMPRK".to_owned()), ..text(ASHA) }).await.expect("it is taken");
    let kept = double.outbox().messages(None, 10).expect("listed");
    assert_eq!(TwilioSender::Service(kept[1].from.clone()), service);
    assert_eq!(kept[0].from, "SAMPRK");
}

#[tokio::test]
async fn each_number_that_twilio_documents_fails_as_documented() {
    let (double, twilio) = account().await;
    for (to, code) in [
        ("+15005550001", 21_211),
        ("+15005550002", 21_612),
        ("+15005550003", 21_408),
        ("+15005550004", 21_610),
        ("+15005550009", 21_614),
    ] {
        let error = twilio.send(&text(to)).await.expect_err("it is refused");
        assert_eq!(error, SendError::Refused(format!("Twilio's error {code}")));
    }
    let full = TextMessage { sender: Some("+15005550008".to_owned()), ..text(ASHA) };
    assert!(matches!(twilio.send(&full).await, Err(SendError::NotTaken { .. })), "a full queue empties");
    for bad in [
        text("98765 43210"),
        TextMessage { text: String::new(), ..text(ASHA) },
        TextMessage { text: "a".repeat(1_601), ..text(ASHA) },
    ] {
        let error = twilio.send(&bad).await.expect_err("it is refused");
        assert!(matches!(error, SendError::Refused(_)) && is_clean(&error), "{error:?}");
    }
    assert_eq!(double.outbox().count().expect("counted"), 0);
}

#[tokio::test]
async fn no_trouble_is_taken_for_a_success_or_for_the_end() {
    let (double, twilio) = account().await;
    let mut kept = 0;
    for (trouble, taken) in TROUBLES {
        double.trouble(trouble);
        let begun = Instant::now();
        check(trouble, twilio.send(&text(ASHA)).await, begun);
        kept += taken;
        assert_eq!(double.outbox().count().expect("counted"), kept, "{trouble:?}");
    }
    double.trouble(Trouble::Code(20_429));
    assert!(matches!(twilio.send(&text(ASHA)).await, Err(SendError::NotTaken { .. })));
    twilio.send(&text(ASHA)).await.expect("the trouble is over");
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_no_log_shows_the_right_one() {
    let double = twilio::Twilio::new(outbox(), ACCOUNT, "another-secret");
    let base = serve!(double);
    let sender = TwilioSender::From(FROM.to_owned());
    let twilio = Twilio::new(api(), &base, ACCOUNT, &credential(SECRET), sender).expect("an account");
    assert_eq!(twilio.send(&text(ASHA)).await, Err(SendError::not_taken("Twilio's error 20003")));
    let shown = format!("{twilio:?} {double:?}");
    assert!(!shown.contains("secret") && !shown.contains("Basic"), "{shown}");
}

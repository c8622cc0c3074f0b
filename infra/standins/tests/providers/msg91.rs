use std::time::Instant;

use providers::inbound::DeliveryState;
use providers::inbound::msg91::{Failure, read};
use providers::{Msg91, SendError, TextMessage, TextSender as _, TextTemplate};
use standins::{Trouble, msg91};

use crate::{ASHA, SECRET, TROUBLES, api, check, credential, is_clean, outbox, serve, text};

async fn account() -> (msg91::Msg91, Msg91) {
    let templates = [("visit", "Dear ##name##, we come on ##day##.")];
    let double = msg91::Msg91::new(outbox(), SECRET, "SAMPRK", &templates);
    let base = serve!(double);
    let msg91 = Msg91::new(api(), &base, &credential(SECRET)).expect("an account");
    (double, msg91)
}

fn visit(template: &str) -> TextMessage {
    let values = vec![("name".to_owned(), "Asha".to_owned()), ("day".to_owned(), "Friday".to_owned())];
    TextMessage { template: Some(TextTemplate { id: template.to_owned(), values }), ..text(ASHA) }
}

#[tokio::test]
async fn a_template_is_filled_and_its_report_reads() {
    let (double, msg91) = account().await;
    let request = msg91.send(&visit("visit")).await.expect("it is taken");
    let kept = double.outbox().messages(None, 10).expect("listed");
    assert_eq!((kept[0].from.as_str(), kept[0].to.as_slice()), ("SAMPRK", &[ASHA.to_owned()][..]));
    assert_eq!(String::from_utf8_lossy(&kept[0].raw), "Dear Asha, we come on Friday.");
    let other = TextMessage { sender: Some("OTHERS".to_owned()), ..visit("visit") };
    msg91.send(&other).await.expect("it is taken");
    assert_eq!(double.outbox().messages(None, 1).expect("listed")[0].from, "OTHERS");

    for (status, state, failure) in [
        (1, DeliveryState::Delivered, None),
        (9, DeliveryState::Failed, Some(Failure::DoNotDisturb)),
        (16, DeliveryState::Failed, Some(Failure::Rejected)),
    ] {
        let report = double.report(&request, status).expect("a report");
        let [told] = &read(&report.body).expect("it reads")[..] else { panic!("one") };
        assert_eq!((told.request.as_str(), told.state, told.failure), (request.as_str(), state, failure));
        assert_eq!((told.number.as_str(), told.ours.as_deref()), (ASHA.trim_start_matches('+'), Some("msg_1")));
    }
    assert_eq!(double.report("0", 1), None);
}

#[tokio::test]
async fn what_msg91_does_not_know_is_refused() {
    let (double, msg91) = account().await;
    let error = msg91.send(&visit("nothing")).await.expect_err("it is refused");
    assert_eq!(error, SendError::Refused("MSG91: template not found".to_owned()));
    for bad in [text(ASHA), TextMessage { to: "919876543210".to_owned(), ..visit("visit") }] {
        let error = msg91.send(&bad).await.expect_err("it is refused");
        assert!(matches!(error, SendError::Refused(_)) && is_clean(&error), "{error:?}");
    }
    assert_eq!(double.outbox().count().expect("counted"), 0);
}

#[tokio::test]
async fn no_trouble_is_taken_for_a_success_or_for_the_end() {
    let (double, msg91) = account().await;
    let mut kept = 0;
    for (trouble, taken) in TROUBLES {
        double.trouble(trouble);
        let begun = Instant::now();
        check(trouble, msg91.send(&visit("visit")).await, begun);
        kept += taken;
        assert_eq!(double.outbox().count().expect("counted"), kept, "{trouble:?}");
    }
    for code in [301, 418] {
        double.trouble(Trouble::Code(code));
        assert!(matches!(msg91.send(&visit("visit")).await, Err(SendError::NotTaken { .. })), "{code}");
    }
    msg91.send(&visit("visit")).await.expect("the trouble is over");
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_no_log_shows_the_right_one() {
    let double = msg91::Msg91::new(outbox(), "another-secret", "SAMPRK", &[]);
    let base = serve!(double);
    let msg91 = Msg91::new(api(), &base, &credential(SECRET)).expect("an account");
    let error = msg91.send(&visit("visit")).await.expect_err("it is refused");
    assert_eq!(error, SendError::not_taken("MSG91: Invalid authentication key"));
    let shown = format!("{msg91:?} {double:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

use jiff::Timestamp;
use providers::{Mail, Mailer, SendError};
use standins::{Fault, Faults, Outbox, Ses, Setup};

use crate::is_clean;

#[tokio::test]
async fn what_ses_does_not_take_is_told_by_its_code_alone() {
    for (fault, why) in [
        (Fault::Throttled, "SES: Throttling"),
        (Fault::Lost, "SES could not be reached"),
        (Fault::Unanswered, "SES did not answer in time"),
    ] {
        let setup = Setup { faults: Faults::decided_by(move |_| Some(fault)), ..Setup::default() };
        let ses = Ses::new(Outbox::memory(&setup.clock).expect("opens"), &setup);
        let mail = Mail {
            id: "msg_1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            to: "asha98765@example.com".to_owned(),
            subject: "Grüße".to_owned(),
            text: "Grüße".to_owned(),
            html: None,
            from_name: None,
            unsubscribe: None,
            attachments: Vec::new(),
            organization: None,
        };
        let error = Mailer::new(ses.client(), "crm@example.com").send(&mail).await.expect_err("it is not taken");
        assert_eq!(error, SendError::not_taken(why), "{fault:?}");
        assert!(is_clean(&error));
    }
}

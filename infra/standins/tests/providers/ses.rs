use providers::{Mailer, SendError};
use standins::{Call, Fault, Faults, Outbox, Ses, Setup};

use crate::{is_clean, mail};

/// An account whose calls meet this fault, so many of the first of them.
fn account(fault: Fault, times: u64) -> (Ses, Mailer) {
    let decide = move |call: &Call<'_>| (call.number <= times).then_some(fault);
    let setup = Setup { faults: Faults::decided_by(decide), ..Setup::default() };
    let ses = Ses::new(Outbox::memory(&setup.clock).expect("opens"), &setup);
    let mailer = Mailer::new(&ses.client(), "crm@example.com");
    (ses, mailer)
}

#[tokio::test]
async fn what_ses_does_not_take_is_told_by_its_code_alone() {
    let unknown = |why: &str| SendError::Unknown(why.to_owned());
    for (fault, told) in [
        (Fault::Throttled, SendError::not_taken("SES: Throttling")),
        (Fault::Lost, unknown("SES could not be reached, or broke off")),
        (Fault::Unanswered, unknown("SES did not answer in time")),
    ] {
        let error = account(fault, u64::MAX).1.send(&mail()).await.expect_err("it is not taken");
        assert_eq!(error, told, "{fault:?}");
        assert!(is_clean(&error));
    }
}

#[tokio::test]
async fn a_mail_whose_answer_is_lost_is_not_sent_again_by_the_sdk() {
    for (fault, out) in [(Fault::Unanswered, 1), (Fault::Lost, 0)] {
        let (ses, mailer) = account(fault, 1);
        assert!(matches!(mailer.send(&mail()).await, Err(SendError::Unknown(_))), "{fault:?}");
        assert_eq!(ses.outbox().count().expect("counted"), out, "{fault:?}");
    }
    let (ses, mailer) = account(Fault::Throttled, 1);
    mailer.send(&mail()).await.expect("it is asked again");
    assert_eq!(ses.outbox().count().expect("counted"), 1);
}

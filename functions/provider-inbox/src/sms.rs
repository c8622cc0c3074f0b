//! What became of text messages.

use providers::inbound::{msg91, twilio};

use crate::failed::Failed;
use crate::reports::{apply, report};
use crate::take::Work;
use crate::telephony;

/// What Twilio tells: of a text message that was sent, or else of a call. It signs no time, so that of its arrival counts.
pub(crate) async fn twilio(work: &Work<'_>) -> Result<(), Failed> {
    let Some(twilio::sms::SmsStatus { sid, state, error }) = twilio::sms::read(work.body)? else {
        return telephony::calls(work, telephony::twilio::read).await;
    };
    let failure = error.map(|code| format!("Twilio's error {code}"));
    match report(state, work.time(None), failure) {
        Some(report) => apply(work, vec![(sid, report)], Vec::new()).await,
        None => work.ignore("accepted").await,
    }
}

/// What MSG91 tells. Its times have no zone, so that of its arrival counts.
pub(crate) async fn msg91(work: &Work<'_>) -> Result<(), Failed> {
    let at = work.time(None);
    let told = msg91::read(work.body)?.into_iter().filter_map(|told| {
        let failure = told.failure.map(|failure| failed(failure).to_owned());
        Some((told.request, report(told.state, at, failure)?))
    });
    apply(work, told.collect(), Vec::new()).await
}

const fn failed(failure: msg91::Failure) -> &'static str {
    match failure {
        msg91::Failure::Failed => "MSG91: it failed",
        msg91::Failure::DoNotDisturb => "MSG91: the recipient is on the registry of those who want no promotion",
        msg91::Failure::Rejected => "MSG91: the operator rejected it",
        msg91::Failure::Blocked => "MSG91: the number is blocked",
    }
}

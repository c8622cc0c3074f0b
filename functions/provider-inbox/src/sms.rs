//! Text messages: what people write, and what became of what they were sent.

use domain::communication::CommunicationDetails;
use domain::integration::{self, IntegrationSettings};
use domain::outreach::Wish;
use domain::{
    CommunicationDirection, CommunicationType, ContactAddress, ContactChannel, ContactPurpose, Phone, Region,
};
use providers::inbound::twilio::sms::{OptOut, SmsEvent, SmsMessage, SmsStatus};
use providers::inbound::{msg91, twilio};

use crate::failed::Failed;
use crate::reports::{Told, accepted, apply, report};
use crate::take::Work;
use crate::telephony;
use crate::written::{Desk, Written, clean, receive};

/// What Twilio tells: of a text message, or else of a call. It signs no time, so that of its arrival counts.
pub(crate) async fn twilio(work: &Work<'_>) -> Result<(), Failed> {
    match twilio::sms::read(work.body)? {
        Some(SmsEvent::Status(SmsStatus { sid, state, error })) => {
            let failure = error.map(|code| format!("Twilio's error {code}"));
            let ours = work.delivery.message;
            match report(state, work.time(None), failure) {
                Some(report) => apply(work, vec![Told { id: sid, ours, report }], Vec::new()).await,
                None => accepted(work, ours, &sid).await,
            }
        }
        Some(SmsEvent::Message(message)) => wrote(work, &message).await,
        None => telephony::calls(work, telephony::twilio::read).await,
    }
}

/// Somebody sent a text message.
async fn wrote(work: &Work<'_>, message: &SmsMessage) -> Result<(), Failed> {
    let IntegrationSettings::Twilio(settings) = &work.integration.settings else {
        return Err(Failed::Senseless("the connection is none of Twilio's".to_owned()));
    };
    // Twilio tells of its other channels in the same way, and writes their names before addresses.
    if message.from.contains(':') {
        return work.ignore("not_a_text_message").await;
    }
    if !is_ours(settings, message) {
        return work.ignore("of_another_number").await;
    }
    let desk = Desk { intake: &settings.calls.intake, strangers: settings.unknown_senders };
    receive(work, desk, written(message), true).await
}

fn is_ours(settings: &integration::Twilio, message: &SmsMessage) -> bool {
    let of_account = match (&settings.account_sid, &message.account) {
        (Some(own), Some(told)) => own.as_str().eq_ignore_ascii_case(told),
        _ => true,
    };
    of_account && settings.hears(&message.to, message.service.as_deref())
}

fn written(message: &SmsMessage) -> Written {
    let channel = ContactChannel::Sms;
    let phone = Phone::parse(&message.from, Region::default()).ok();
    let details = CommunicationDetails {
        direction: CommunicationDirection::Inbound,
        // What is no number is all that is known of who sent it.
        sender: if phone.is_none() { message.from.parse().ok() } else { None },
        ..CommunicationDetails::outbound(CommunicationType::Sms, ContactPurpose::Service, clean(&said(message)))
    };
    Written {
        id: message.sid.clone(),
        answers: Vec::new(),
        at: None,
        from: phone.map(ContactAddress::Phone),
        name: None,
        channel,
        wish: match message.opt_out {
            Some(OptOut::Stop) => Some(Wish::Stop),
            Some(OptOut::Start) => Some(Wish::Start),
            Some(OptOut::Help) => None,
            None => Wish::of(channel, &message.text),
        },
        details,
        files: Vec::new(),
    }
}

/// What a message says; of what is no text, what it is, in brackets and in one word.
fn said(message: &SmsMessage) -> String {
    let media = message.media.iter().map(|kind| format!("[{}]", kind.split('/').next().unwrap_or_default()));
    let text = Some(message.text.clone()).filter(|text| !text.is_empty());
    media.chain(text).collect::<Vec<_>>().join(" ")
}

/// What MSG91 tells. Its times have no zone, so that of its arrival counts.
pub(crate) async fn msg91(work: &Work<'_>) -> Result<(), Failed> {
    let at = work.time(None);
    let told = msg91::read(work.body)?.into_iter().filter_map(|told| {
        let failure = told.failure.map(|failure| failed(failure).to_owned());
        let ours = told.ours.and_then(|ours| ours.parse().ok());
        Some(Told { id: told.request, ours, report: report(told.state, at, failure)? })
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

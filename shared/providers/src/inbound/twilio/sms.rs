//! Text messages, of which Twilio tells in forms: what became of those that we sent
//! (<https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>, with the statuses of
//! <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>), and those that people send us
//! (<https://www.twilio.com/docs/messaging/guides/webhook-request>).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::inbound::{DeliveryState, Unreadable};

/// What Twilio tells of text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsEvent {
    /// What became of one that we sent.
    Status(SmsStatus),
    /// Somebody sent us one.
    Message(Box<SmsMessage>),
}

/// What Twilio tells of a text message that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsStatus {
    /// Twilio's id of the message, which [`Twilio`](crate::Twilio) returned.
    pub sid: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Why not, by Twilio's codes: <https://www.twilio.com/docs/api/errors>.
    pub error: Option<u32>,
}

/// A text message that somebody sent us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// Twilio's id of it.
    pub sid: String,
    /// The account that it came to (`AC…`).
    pub account: Option<String>,
    /// The messaging service that it came by (`MG…`), where it came by one.
    pub service: Option<String>,
    /// Who sent it: mostly a number with a `+`; before those of another channel than SMS stands its name and a `:`.
    pub from: String,
    /// The number or short code that it was sent to.
    pub to: String,
    /// What it says, which may be nothing.
    pub text: String,
    /// What else it has, by their types (`image/jpeg`), 10 at most.
    pub media: Vec<String>,
    /// What its sender asks, where Twilio looks for that itself (Advanced Opt-Out).
    pub opt_out: Option<OptOut>,
}

/// What Twilio says that a sender asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOut {
    /// To be sent nothing more.
    Stop,
    /// To be sent something again.
    Start,
    /// To be told how.
    Help,
}

/// The name of our id of a message in the address at which Twilio tells of it.
pub(crate) const MESSAGE: &str = "message";
const MAX_SID: usize = 64;
const MAX_MEDIA: usize = 10;

/// The fields of a form, the last of each name.
struct Form<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl Form<'_> {
    /// A field that says something.
    fn field(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref).filter(|text: &&str| !text.is_empty())
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.field(name).map(str::to_owned)
    }
}

/// [Our id](crate::TextMessage::id) of the message that a callback is of, by the query of the address that was called, which
/// Twilio leaves as it was given it and signs; `None` where that has none.
pub fn ours(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == MESSAGE).map(|(_, id)| id.into_owned())
}

/// Reads a body; `None` where it is about something else, such as a call. A message that came in has a `Body`, if an empty
/// one, and the status `received` if any; what has another status is about one that we sent.
pub fn read(body: &[u8]) -> Result<Option<SmsEvent>, Unreadable> {
    let form = Form(form_urlencoded::parse(body).collect());
    let Some(sid) = form.field("MessageSid") else { return Ok(None) };
    if sid.len() > MAX_SID || !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Unreadable("it has no id of a message".to_owned()));
    }
    let state = match form.field("MessageStatus").or_else(|| form.field("SmsStatus")) {
        Some("accepted" | "scheduled" | "queued" | "sending") => DeliveryState::Accepted,
        Some("sent") => DeliveryState::Sent,
        Some("delivered") => DeliveryState::Delivered,
        Some("read") => DeliveryState::Read,
        Some("undelivered" | "failed" | "canceled") => DeliveryState::Failed,
        None | Some("receiving" | "received") => return message(&form, sid),
        Some(_) => return Err(Unreadable("its status is none that is documented".to_owned())),
    };
    let error = form.field("ErrorCode").and_then(|text| text.parse().ok()).filter(|code| *code != 0);
    Ok(Some(SmsEvent::Status(SmsStatus { sid: sid.to_owned(), state, error })))
}

fn message(form: &Form<'_>, sid: &str) -> Result<Option<SmsEvent>, Unreadable> {
    let Some(text) = form.0.get("Body") else { return Ok(None) };
    let (Some(from), Some(to)) = (form.owned("From"), form.owned("To")) else {
        return Err(Unreadable("it does not tell who sent it, and whom".to_owned()));
    };
    let number = form.field("NumMedia").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let media = |place: usize| form.owned(&format!("MediaContentType{place}")).unwrap_or_else(|| "media".to_owned());
    Ok(Some(SmsEvent::Message(Box::new(SmsMessage {
        sid: sid.to_owned(),
        account: form.owned("AccountSid"),
        service: form.owned("MessagingServiceSid"),
        from,
        to,
        text: text.clone().into_owned(),
        media: (0..number.min(MAX_MEDIA)).map(media).collect(),
        opt_out: match form.field("OptOutType") {
            Some("STOP") => Some(OptOut::Stop),
            Some("START") => Some(OptOut::Start),
            Some("HELP") => Some(OptOut::Help),
            _ => None,
        },
    }))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status(sid: &str, state: DeliveryState, error: Option<u32>) -> SmsEvent {
        SmsEvent::Status(SmsStatus { sid: sid.to_owned(), state, error })
    }

    fn came_in(body: &str) -> SmsMessage {
        match read(body.as_bytes()) {
            Ok(Some(SmsEvent::Message(message))) => *message,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn a_status_callback_reads() {
        let body = "AccountSid=AC1&ApiVersion=2010-04-01&From=%2B15005550006&MessageSid=SM1&MessageStatus=undelivered\
                    &ErrorCode=30005&SmsSid=SM1&SmsStatus=undelivered&To=%2B919876543210";
        assert_eq!(read(body.as_bytes()), Ok(Some(status("SM1", DeliveryState::Failed, Some(30_005)))));
        for (word, state) in [
            ("queued", DeliveryState::Accepted),
            ("sent", DeliveryState::Sent),
            ("delivered", DeliveryState::Delivered),
            ("read", DeliveryState::Read),
            ("canceled", DeliveryState::Failed),
        ] {
            for name in ["MessageStatus", "SmsStatus"] {
                // Whatever else it says, it is about one that we sent.
                let told = read(format!("MessageSid=SM1&{name}={word}&ErrorCode=&Body=Hello").as_bytes());
                assert_eq!(told, Ok(Some(status("SM1", state, None))), "{name}={word}");
            }
        }
    }

    #[test]
    fn a_message_that_came_in_reads() {
        let told = came_in(
            "ToCountry=US&SmsMessageSid=SM1&NumMedia=0&SmsSid=SM1&SmsStatus=received&Body=Yes+please+%F0%9F%99%82\
             &To=%2B15005550006&NumSegments=1&MessageSid=SM1&AccountSid=AC1&From=%2B919876543210&ApiVersion=2010-04-01",
        );
        let expected = SmsMessage {
            sid: "SM1".to_owned(),
            account: Some("AC1".to_owned()),
            service: None,
            from: "+919876543210".to_owned(),
            to: "+15005550006".to_owned(),
            text: "Yes please \u{1f642}".to_owned(),
            media: Vec::new(),
            opt_out: None,
        };
        assert_eq!(told, expected);
        let one = "MessageSid=MM1&From=%2B919876543210&To=56161&Body=";
        let pictures = "&NumMedia=2&MediaUrl0=https%3A%2F%2Fmedia.example%2F1&MediaContentType0=image%2Fjpeg";
        let told = came_in(&format!("{one}{pictures}&MessagingServiceSid=MG1"));
        assert_eq!((told.media, told.text.as_str()), (vec!["image/jpeg".to_owned(), "media".to_owned()], ""));
        assert_eq!(told.service.as_deref(), Some("MG1"));
        assert_eq!(came_in(&format!("{one}&NumMedia=99999999999")).media.len(), MAX_MEDIA);
        for (word, asked) in
            [("STOP", Some(OptOut::Stop)), ("START", Some(OptOut::Start)), ("HELP", Some(OptOut::Help)), ("X", None)]
        {
            assert_eq!(came_in(&format!("{one}&OptOutType={word}&MessageStatus=received")).opt_out, asked, "{word}");
        }
    }

    #[test]
    fn what_is_about_something_else_is_told_apart_and_nonsense_refused() {
        for other in ["CallSid=CA1&CallStatus=ringing", "MessageSid=SM1&MessageStatus=received", "", "MessageSid=SM1"] {
            assert_eq!(read(other.as_bytes()), Ok(None), "{other}");
        }
        for wrong in [
            "MessageSid=SM1&MessageStatus=asleep",
            "MessageSid=%00&MessageStatus=sent",
            "MessageSid=%00&Body=Hello&From=%2B919876543210&To=%2B15005550006",
            "MessageSid=SM1&Body=Hello&To=%2B15005550006",
            "MessageSid=SM1&Body=Hello&From=%2B919876543210&To=",
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..300), status in "[ -~]{0,20}") {
            let _ = read(&body);
            let _ = read(&[b"MessageSid=SM1&MessageStatus=", status.as_bytes(), &body].concat());
            let _ = read(&[b"MessageSid=SM1&From=1&To=2&NumMedia=1&Body=", &body[..]].concat());
        }

        #[test]
        fn whatever_somebody_writes_is_read_as_they_wrote_it(text in "\\PC{0,200}") {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("MessageSid", "SM1").append_pair("From", "1").append_pair("To", "2");
            let body = form.append_pair("Body", &text).finish();
            prop_assert_eq!(came_in(&body).text, text);
        }
    }
}

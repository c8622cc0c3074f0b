//! Status callbacks of text messages, which are forms:
//! <https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>, with the statuses of
//! <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>.

use std::collections::HashMap;

use crate::inbound::{DeliveryState, Unreadable};

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

const MAX_SID: usize = 64;

/// Reads a body; `None` where it is about something else, such as a call or a message that came in.
pub fn read(body: &[u8]) -> Result<Option<SmsStatus>, Unreadable> {
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let field = |name: &str| fields.get(name).map(AsRef::as_ref).filter(|text: &&str| !text.is_empty());
    let (Some(sid), Some(status)) = (field("MessageSid"), field("MessageStatus")) else { return Ok(None) };
    if sid.len() > MAX_SID || !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Unreadable("it has no id of a message".to_owned()));
    }
    let state = match status {
        "accepted" | "scheduled" | "queued" | "sending" => DeliveryState::Accepted,
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" => DeliveryState::Read,
        "undelivered" | "failed" | "canceled" => DeliveryState::Failed,
        "receiving" | "received" => return Ok(None),
        _ => return Err(Unreadable("its status is none that is documented".to_owned())),
    };
    let error = field("ErrorCode").and_then(|text| text.parse().ok()).filter(|code| *code != 0);
    Ok(Some(SmsStatus { sid: sid.to_owned(), state, error }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_status_callback_reads() {
        let body = "AccountSid=AC1&ApiVersion=2010-04-01&From=%2B15005550006&MessageSid=SM1&MessageStatus=undelivered\
                    &ErrorCode=30005&SmsSid=SM1&SmsStatus=undelivered&To=%2B919876543210";
        let told = read(body.as_bytes()).expect("it reads").expect("it is about a message");
        assert_eq!(told, SmsStatus { sid: "SM1".to_owned(), state: DeliveryState::Failed, error: Some(30_005) });
        for (status, state) in [
            ("queued", DeliveryState::Accepted),
            ("sent", DeliveryState::Sent),
            ("delivered", DeliveryState::Delivered),
            ("read", DeliveryState::Read),
            ("canceled", DeliveryState::Failed),
        ] {
            let told = read(format!("MessageSid=SM1&MessageStatus={status}&ErrorCode=").as_bytes());
            assert_eq!(told, Ok(Some(SmsStatus { sid: "SM1".to_owned(), state, error: None })), "{status}");
        }
    }

    #[test]
    fn what_is_about_something_else_is_told_apart_and_nonsense_refused() {
        for other in ["CallSid=CA1&CallStatus=ringing", "MessageSid=SM1&MessageStatus=received", "", "MessageSid=SM1"] {
            assert_eq!(read(other.as_bytes()), Ok(None), "{other}");
        }
        for wrong in ["MessageSid=SM1&MessageStatus=asleep", "MessageSid=%00&MessageStatus=sent"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..300), status in "[ -~]{0,20}") {
            let _ = read(&body);
            let _ = read(&[b"MessageSid=SM1&MessageStatus=", status.as_bytes(), &body].concat());
        }
    }
}

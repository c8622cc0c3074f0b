//! Twilio's callbacks of calls and recordings, which are forms:
//! <https://www.twilio.com/docs/voice/api/call-resource#statuscallback> and
//! <https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback>.

use std::collections::HashMap;

use domain::{CallDirection, HttpsUrl};
use jiff::fmt::rfc2822;

use super::{Said, Told, number, status};
use crate::failed::Failed;

/// Reads a body.
pub(crate) fn read(body: &[u8]) -> Result<Said, Failed> {
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let field = |name: &str| fields.get(name).map(AsRef::as_ref).filter(|text: &&str| !text.is_empty());
    let Some(call) = field("CallSid") else { return Ok(Said::Else("not_about_a_call")) };
    // A recording tells of itself what stands in `CallStatus` of its call, if anything does.
    let stands = field("CallStatus").filter(|_| field("RecordingStatus").is_none());
    Ok(Said::Call(Box::new(Told {
        call: call.parse().map_err(|_| Failed::Senseless("it has no id of a call".to_owned()))?,
        status: stands.map(status).transpose()?,
        direction: field("Direction").map(|word| match word {
            "inbound" => CallDirection::Inbound,
            // `outbound-api`, `outbound-dial`
            _ => CallDirection::Outbound,
        }),
        from: number(field("From")),
        to: number(field("To")),
        at: field("Timestamp").and_then(|text| rfc2822::parse(text).ok()).map(|at| at.timestamp()),
        seconds: field("CallDuration").and_then(|text| text.parse().ok()),
        recording_url: field("RecordingUrl").and_then(|text| text.parse::<HttpsUrl>().ok()),
    })))
}

#[cfg(test)]
mod tests {
    use domain::CallStatus;
    use proptest::prelude::*;

    use super::*;

    fn told(body: &str) -> Told {
        match read(body.as_bytes()).expect("it reads") {
            Said::Call(told) => *told,
            Said::Else(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_status_callback_reads() {
        let told = told(
            "CallSid=CA1&CallStatus=completed&Direction=outbound-api&From=%2B12025550123&To=%2B919876543210&CallDuration=65\
             &Timestamp=Fri%2C+20+Nov+2026+10%3A00%3A00+%2B0000&RecordingUrl=http%3A%2F%2Fapi.example%2Fr&SequenceNumber=3",
        );
        assert_eq!((told.status, told.direction), (Some(CallStatus::Completed), Some(CallDirection::Outbound)));
        assert_eq!((told.seconds, told.recording_url), (Some(65), None), "a recording must be https");
        assert_eq!(told.to.map(|to| to.to_string()).as_deref(), Some("+919876543210"));
        assert_eq!(told.at.map(jiff::Timestamp::as_second), Some(1_795_168_800));
    }

    #[test]
    fn a_recording_and_what_is_no_call_are_told_apart() {
        let told = told(
            "CallSid=CA1&RecordingStatus=completed&CallStatus=in-progress&RecordingUrl=https%3A%2F%2Fapi.example%2Fr",
        );
        assert_eq!((told.status, told.recording_url.is_some()), (None, true));
        assert!(matches!(read(b"MessageSid=SM1&MessageStatus=sent"), Ok(Said::Else(_))));
        assert!(matches!(read(b"CallSid=CA1&CallStatus=sleeping"), Err(Failed::Senseless(_))));
        let hidden = read(b"CallSid=CA1&CallStatus=ringing&Direction=inbound&From=client%3Ajenny&To=anonymous");
        assert!(matches!(hidden, Ok(Said::Call(told)) if told.from.is_none() && told.to.is_none()));
    }

    proptest! {
        #[test]
        fn no_bytes_break_a_reader(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&body);
            let _ = super::super::standard::read(&body);
        }
    }
}

//! MSG91's delivery reports, in the forms that it documents: version 2, a form with JSON in its `data`, and version 3, JSON
//! (<https://msg91.com/help/how-can-i-get-the-delivery-reports-on-my-webhook-url>), and the newer webhook, JSON with names of
//! its own (<https://msg91.com/help/webhook-new/how-to-receive-sms-delivery-reports-via-webhook-new>).
//!
//! MSG91 signs nothing. All that proves a report is that it came to an address which MSG91 alone was given, so that address
//! carries a secret, and what is told may change nothing but the state of a message whose id is known, MSG91's or ours.

use aws_lc_rs::constant_time;
use serde::Deserialize;
use serde_json::Value;

use super::{DeliveryState, Forged, Unreadable};

/// The name of the secret in the address.
pub const TOKEN: &str = "token";
/// A secret that could be guessed is none.
const MIN_TOKEN: usize = 16;
const MAX_ID: usize = 64;
/// MSG91 takes an id of ours that is no longer.
const MAX_OURS: usize = 80;
/// A request tells of at most so many recipients.
pub const MAX_REPORTS: usize = 1_000;

/// What became of a text message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// MSG91's id of the request, which [`Msg91`](crate::Msg91) returned.
    pub request: String,
    /// [Our id](crate::TextMessage::id) of the message; `None` where it was sent without.
    pub ours: Option<String>,
    /// Whom it was for, by the digits of the number, without a `+`.
    pub number: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Why not.
    pub failure: Option<Failure>,
}

/// Why a message did not get there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It failed.
    Failed,
    /// The recipient is on the registry of those who want no promotion (NDNC).
    DoNotDisturb,
    /// The operator rejected it.
    Rejected,
    /// The number is blocked.
    Blocked,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "requestId")]
    request: String,
    report: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    #[serde(alias = "telNum")]
    number: Value,
    status: Value,
    /// `0` where it was sent without.
    #[serde(rename = "CRQID", default)]
    ours: Value,
}

#[derive(Deserialize)]
struct Single {
    #[serde(rename = "requestId")]
    request: String,
    #[serde(flatten)]
    one: One,
}

/// Whether a request came to the address that carries this secret, `?token=…`.
pub fn verify(token: &str, query: &str) -> Result<(), Forged> {
    if token.len() < MIN_TOKEN {
        return Err(Forged::Secret);
    }
    let mut told = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == TOKEN).map(|(_, value)| value);
    let (Some(one), None) = (told.next(), told.next()) else { return Err(Forged::Unsigned) };
    constant_time::verify_slices_are_equal(one.as_bytes(), token.as_bytes()).map_err(|_| Forged::Mismatch)
}

/// Reads a body, whichever form it has.
pub fn read(body: &[u8]) -> Result<Vec<Report>, Unreadable> {
    let data = form_urlencoded::parse(body).find(|(name, _)| name == "data").map(|(_, value)| value);
    let reports: Vec<Report> = match data {
        Some(data) => {
            let batches: Vec<Batch> = serde_json::from_str(&data)?;
            let reports = batches
                .into_iter()
                .flat_map(|Batch { request, report }| report.into_iter().map(move |one| read_one(&request, &one)));
            reports.collect::<Result<_, _>>()?
        }
        None => {
            let Single { request, one } = serde_json::from_slice(body)?;
            vec![read_one(&request, &one)?]
        }
    };
    if reports.len() > MAX_REPORTS {
        return Err(Unreadable(format!("it tells of more than {MAX_REPORTS} recipients")));
    }
    Ok(reports)
}

fn read_one(request: &str, one: &One) -> Result<Report, Unreadable> {
    let One { number, status, ours } = one;
    let (number, status) = (text(number)?, text(status)?);
    if !is_word(request, MAX_ID) || !is_word(&number, 15) {
        return Err(Unreadable("it lacks the id of a request or a number".to_owned()));
    }
    let (state, failure) = match status.to_ascii_lowercase().as_str() {
        "1" | "delivered" => (DeliveryState::Delivered, None),
        "2" | "failed" => (DeliveryState::Failed, Some(Failure::Failed)),
        "9" | "ndnc" => (DeliveryState::Failed, Some(Failure::DoNotDisturb)),
        "16" | "25" | "rejected" => (DeliveryState::Failed, Some(Failure::Rejected)),
        "17" | "blocked number" | "blocked" => (DeliveryState::Failed, Some(Failure::Blocked)),
        _ => return Err(Unreadable("its status is none that is documented".to_owned())),
    };
    let ours = ours.as_str().filter(|id| *id != "0" && is_id(id)).map(str::to_owned);
    Ok(Report { request: request.to_owned(), ours, number, state, failure })
}

/// A text, or a number as one.
fn text(value: &Value) -> Result<String, Unreadable> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Unreadable("a number or a status is neither text nor number".to_owned())),
    }
}

fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=MAX_OURS).contains(&text.len()) && text.bytes().all(fits)
}

fn is_word(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn form(data: &Value) -> Vec<u8> {
        form_urlencoded::Serializer::new(String::new()).append_pair("data", &data.to_string()).finish().into_bytes()
    }

    #[test]
    fn each_documented_form_reads() {
        let delivered = Report {
            request: "346abc130".to_owned(),
            ours: None,
            number: "919876543210".to_owned(),
            state: DeliveryState::Delivered,
            failure: None,
        };
        let one = json!({"date": "2024-05-22 10:06:20", "amount": "0.01", "clientid": "", "INMSID": "0", "CRQID": "0",
            "ctCode": "900", "number": "919876543210", "credit": "1", "status": "1", "desc": "DELIVERED", "failedReason": ""});
        let batch = json!([{"senderId": "SAMPRK", "requestId": "346abc130", "report": [one], "userId": "27",
            "campaignName": "Sendhttp"}]);
        assert_eq!(read(&form(&batch)), Ok(vec![delivered.clone()]));
        let single = json!({"date": "2024-05-22 09:58:16", "number": "919876543210", "senderId": "SAMPRK",
            "requestId": "346abc130", "userId": "27", "status": "1", "desc": "DELIVERED"});
        assert_eq!(read(single.to_string().as_bytes()), Ok(vec![delivered.clone()]));
        let new =
            json!({"requestId": "346abc130", "status": "Delivered", "telNum": 919_876_543_210_u64, "credit": "1"});
        assert_eq!(read(new.to_string().as_bytes()), Ok(vec![delivered]));
        for (status, failure) in [
            ("2", Failure::Failed),
            ("9", Failure::DoNotDisturb),
            ("16", Failure::Rejected),
            ("25", Failure::Rejected),
            ("17", Failure::Blocked),
        ] {
            let report = json!({"requestId": "346abc130", "status": status, "number": "919876543210"});
            let told = read(report.to_string().as_bytes()).expect("it reads");
            assert_eq!((told[0].state, told[0].failure), (DeliveryState::Failed, Some(failure)), "{status}");
        }
    }

    #[test]
    fn our_id_of_a_message_is_told_again_where_it_has_one() {
        let ours = |told: Value| {
            let report = json!({"requestId": "346abc130", "status": "1", "number": "919876543210", "CRQID": told});
            let reports = [
                read(report.to_string().as_bytes()),
                read(&form(&json!([{"requestId": "346abc130", "report": [report]}]))),
            ];
            let [one, other] = reports.map(|read| read.expect("it reads").remove(0).ours);
            assert_eq!(one, other);
            one
        };
        assert_eq!(ours("msg_1".into()).as_deref(), Some("msg_1"));
        for none in [json!("0"), json!(0), json!(""), json!(null), json!("a b"), json!("a".repeat(MAX_OURS + 1))] {
            assert_eq!(ours(none.clone()), None, "{none}");
        }
    }

    #[test]
    fn nonsense_is_refused_without_being_told() {
        let number = "919876543210";
        for wrong in [
            json!({"requestId": "a", "status": "99", "number": number}),
            json!({"requestId": "", "status": "1", "number": number}),
            json!({"requestId": "a", "status": ["1"], "number": number}),
            json!({"requestId": "a", "status": "1", "number": "not a number"}),
            json!([]),
        ] {
            let why = read(wrong.to_string().as_bytes()).expect_err("it does not read").to_string();
            assert!(!why.contains(number), "{why}");
        }
        let report = json!({"status": "1", "number": number});
        let many = json!([{"requestId": "a", "report": vec![report; MAX_REPORTS + 1]}]);
        assert!(read(&form(&many)).is_err());
    }

    #[test]
    fn whoever_does_not_know_the_address_tells_nothing() {
        let token = "0123456789abcdef";
        assert_eq!(verify(token, "a=b&token=0123456789abcdef"), Ok(()));
        assert_eq!(verify(token, "token=0123456789abcdeF"), Err(Forged::Mismatch));
        assert_eq!(verify(token, "token="), Err(Forged::Mismatch));
        for unsigned in ["", "tokens=0123456789abcdef", "token=x&token=0123456789abcdef"] {
            assert_eq!(verify(token, unsigned), Err(Forged::Unsigned), "{unsigned}");
        }
        for guessable in ["", "short"] {
            assert_eq!(verify(guessable, &format!("token={guessable}")), Err(Forged::Secret));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..300), query in "[ -~]{0,60}") {
            let _ = read(&body);
            let _ = read(&[b"data=", &body[..]].concat());
            prop_assert!(verify("0123456789abcdef", &query).is_err());
        }
    }
}

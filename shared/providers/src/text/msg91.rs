//! MSG91's Flow: `POST /api/v5/flow` with a template and who gets it, by <https://docs.msg91.com/sms/send-sms> and
//! <https://control.msg91.com/apidoc/textsms/send-sms-flow.php>.
//!
//! MSG91 writes the text itself, from a template that is mapped to one of India's registry (DLT), so a message without a
//! template is refused here. It answers a failure with `{"type": "error", "message": …}` and not always with a status of
//! one, and tells no difference of those that pass. The codes are those of its older API, where it gives any.

use domain::integration::Credential;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{TextMessage, TextSender, TextTemplate, digits};
use crate::SendError;
use crate::api::{Answer, Api, Call, secret};

/// Not the message's fault, and to be mended: the key, the addresses it may be used from, the balance, the account, the
/// hours of a route.
const ACCOUNT: [u32; 9] = [106, 207, 208, 301, 302, 303, 306, 401, 418];
/// So much of MSG91's own words is kept.
const MAX_WORDS: usize = 100;
/// The name of a recipient's number, which no place of a template may have.
const MOBILES: &str = "mobiles";
/// That of our id of the message, which its reports tell again:
/// <https://msg91.com/help/text-sms/custom-metadata-parameters-for-tracking-sms-requests>. 80 letters, digits, `_`, `.` and `-`
/// at most.
const OURS: &str = "CRQID";

/// Sends text messages as one account of MSG91.
#[derive(Debug, Clone)]
pub struct Msg91 {
    api: Api,
    url: String,
    key: HeaderValue,
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    code: Value,
}

impl Msg91 {
    /// Where MSG91's API lies.
    pub const BASE: &'static str = "https://control.msg91.com";

    /// An account by its `authkey`, at [`Self::BASE`] or where a double of it lies.
    pub fn new(api: Api, base: &str, key: &Credential) -> Result<Self, SendError> {
        Ok(Self { api, url: format!("{base}/api/v5/flow"), key: secret(key.expose())? })
    }
}

fn body(text: &TextMessage) -> Result<String, SendError> {
    let TextMessage { id: ours, to, text: _, sender, template } = text;
    let TextTemplate { id, values } =
        template.as_ref().ok_or_else(|| SendError::Refused("MSG91 takes nothing without a template".to_owned()))?;
    let mut recipient: Map<String, Value> =
        values.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    for (name, value) in [(MOBILES, digits(to)?), (OURS, ours)] {
        if recipient.insert(name.to_owned(), value.into()).is_some() {
            return Err(SendError::Refused(format!("no place of a template may be called {name}")));
        }
    }
    let mut body = json!({"template_id": id, "recipients": [recipient]});
    if let Some(sender) = sender {
        body["sender"] = sender.as_str().into();
    }
    Ok(body.to_string())
}

#[async_trait::async_trait]
impl TextSender for Msg91 {
    /// 1 `POST`. MSG91 knows no key of idempotency, so a message whose answer is lost is [unknown](SendError::Unknown); but its
    /// report [tells](crate::inbound::msg91::Report::ours) our id.
    async fn send(&self, text: &TextMessage) -> Result<String, SendError> {
        let call = Call {
            provider: "MSG91",
            message: &text.id,
            url: &self.url,
            secret: ("authkey", &self.key),
            content_type: "application/json",
            body: body(text)?.into(),
        };
        told(&self.api.post(call).await?)
    }
}

/// What an answer means. The id is the request's; with one recipient it is the message's.
fn told(answer: &Answer) -> Result<String, SendError> {
    let said: Option<Said> = answer.json().ok();
    match (answer.status, said) {
        (200..=299, Some(Said { kind, message: Value::String(id), .. })) if kind == "success" => answer.id(id),
        (401 | 403 | 404 | 408 | 429 | 500..=599, _) => {
            Err(answer.not_taken(format!("MSG91 answered {}", answer.status)))
        }
        (_, Some(Said { kind, message, code })) if kind == "error" => {
            let code = code.as_str().and_then(|text| text.parse().ok()).or_else(|| code.as_u64());
            let why = format!("MSG91: {}", words(&message));
            if code.is_some_and(|code| ACCOUNT.iter().any(|known| u64::from(*known) == code)) {
                Err(answer.not_taken(why))
            } else {
                Err(SendError::Refused(why))
            }
        }
        (200..=299, _) => Err(SendError::Unknown("MSG91's answer cannot be read".to_owned())),
        (status, _) => Err(SendError::Refused(format!("MSG91 answered {status}"))),
    }
}

/// MSG91's own words, as no code says as much; without a digit of whatever they name.
fn words(message: &Value) -> String {
    let masked = |letter: char| if letter.is_numeric() { '#' } else { letter };
    let text = message.as_str().unwrap_or("an error without words");
    text.chars().filter(|letter| !letter.is_control()).take(MAX_WORDS).map(masked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::answer;

    fn text(values: &[(&str, &str)]) -> TextMessage {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        TextMessage {
            id: "msg_1".to_owned(),
            to: "+919876543210".to_owned(),
            text: String::new(),
            sender: Some("SAMPRK".to_owned()),
            template: Some(TextTemplate { id: "a_template".to_owned(), values }),
        }
    }

    #[test]
    fn a_message_is_its_template_and_what_stands_in_it() {
        let written: Value =
            serde_json::from_str(&body(&text(&[("VAR1", "Asha \"A\"")])).expect("a body")).expect("JSON");
        let recipient = json!({"VAR1": "Asha \"A\"", "mobiles": "919876543210", "CRQID": "msg_1"});
        assert_eq!(written, json!({"template_id": "a_template", "recipients": [recipient], "sender": "SAMPRK"}));
        for wrong in [
            text(&[("mobiles", "911234567890")]),
            text(&[("CRQID", "msg_2")]),
            TextMessage { template: None, ..text(&[]) },
            TextMessage { to: "9876543210".to_owned(), ..text(&[]) },
        ] {
            assert!(matches!(body(&wrong), Err(SendError::Refused(_))), "{wrong:?}");
        }
    }

    #[test]
    fn each_answer_has_its_meaning() {
        // As MSG91 documents it.
        let taken = answer(200, r#"{"message": "5762846b4f8d285d378b4567", "type": "success"}"#);
        assert_eq!(told(&taken), Ok("5762846b4f8d285d378b4567".to_owned()));
        for (status, body) in [
            (200, r#"{"message":"flow id missing","type":"error"}"#),
            (400, r#"{"message":"invalid mobile 919876543210","type":"error","code":"202"}"#),
            (422, "nothing"),
        ] {
            let Err(SendError::Refused(why)) = told(&answer(status, body)) else { panic!("{body}") };
            assert!(!why.contains("9876"), "{why}");
        }
        for (status, body) in [
            (200, r#"{"type":"error","message":"AuthenticationFailure","code":"401"}"#),
            (200, r#"{"type":"error","message":"IP is not whitelisted","code":418}"#),
            (429, ""),
            (503, "<html>"),
        ] {
            assert!(matches!(told(&answer(status, body)), Err(SendError::NotTaken { .. })), "{status} {body}");
        }
        for (status, body) in [
            (502, "<html>"),
            (200, ""),
            (200, r#"{"type":"success"}"#),
            (200, r#"{"type":"success","message":"not an id\n"}"#),
        ] {
            assert!(matches!(told(&answer(status, body)), Err(SendError::Unknown(_))), "{status} {body}");
        }
    }
}

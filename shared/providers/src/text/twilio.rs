//! Twilio's Messages: `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`, a form, by
//! <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>.
//!
//! What a failure means follows its status, as Twilio advises: 429 and 5xx are tried again
//! (<https://support.twilio.com/hc/en-us/articles/48916449686299>). So are two more. 21611, with status 400, is a full queue
//! of the sender (<https://www.twilio.com/docs/api/errors/21611>). And what is wrong with the account (401, 403, 404) is none
//! of the message's fault, and may be mended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::integration::Credential;
use form_urlencoded::Serializer;
use http::HeaderValue;
use serde::Deserialize;

use super::{TextMessage, TextSender, digits};
use crate::SendError;
use crate::api::{Answer, Api, Call, secret};
use crate::inbound::twilio::sms::MESSAGE;

/// The sender has more messages waiting than it may.
const QUEUE_FULL: u32 = 21_611;
/// The longest text; Twilio cuts it into segments and puts them together again.
const MAX_TEXT: usize = 1_600;

/// Sends text messages as one account of Twilio.
#[derive(Debug, Clone)]
pub struct Twilio {
    api: Api,
    url: String,
    authorization: HeaderValue,
    sender: TwilioSender,
    callback: Option<String>,
}

/// Who messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioSender {
    /// A number of the account in the form of E.164, a short code or an alphanumeric sender.
    From(String),
    /// A messaging service, which chooses among its senders: `MG` and 32 hexadecimal digits.
    Service(String),
}

#[derive(Deserialize)]
struct Created {
    sid: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    code: u32,
}

impl Twilio {
    /// Where Twilio's API lies.
    pub const BASE: &'static str = "https://api.twilio.com";

    /// An account (`AC` and 32 hexadecimal digits) and its auth token, at [`Self::BASE`] or where a double of it lies.
    pub fn new(
        api: Api,
        base: &str,
        account: &str,
        token: &Credential,
        sender: TwilioSender,
    ) -> Result<Self, SendError> {
        let login = STANDARD.encode(format!("{account}:{}", token.expose()));
        Ok(Self {
            api,
            url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
            authorization: secret(&format!("Basic {login}"))?,
            sender,
            callback: None,
        })
    }

    /// With an address, without a query, that Twilio tells what becomes of each message. It calls it with our id of the
    /// message behind it ([`ours`](crate::inbound::twilio::sms::ours)).
    #[must_use]
    pub fn telling(self, callback: &str) -> Self {
        Self { callback: Some(callback.to_owned()), ..self }
    }

    fn form(&self, text: &TextMessage) -> Result<String, SendError> {
        let TextMessage { id, to, text, sender, template: _ } = text;
        digits(to)?;
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Err(SendError::Refused(format!("the text does not have 1 to {MAX_TEXT} characters")));
        }
        let mut form = Serializer::new(String::new());
        form.append_pair("To", to).append_pair("Body", text);
        match (sender, &self.sender) {
            (Some(from), _) | (None, TwilioSender::From(from)) => form.append_pair("From", from),
            (None, TwilioSender::Service(service)) => form.append_pair("MessagingServiceSid", service),
        };
        if let Some(callback) = &self.callback {
            form.append_pair("StatusCallback", &format!("{callback}?{MESSAGE}={id}"));
        }
        Ok(form.finish())
    }
}

#[async_trait::async_trait]
impl TextSender for Twilio {
    /// 1 `POST`. Twilio knows no key of idempotency, so a message whose answer is lost is [unknown](SendError::Unknown); but its
    /// callback [tells](crate::inbound::twilio::sms::ours) our id.
    async fn send(&self, text: &TextMessage) -> Result<String, SendError> {
        let call = Call {
            provider: "Twilio",
            message: &text.id,
            url: &self.url,
            secret: ("authorization", &self.authorization),
            content_type: "application/x-www-form-urlencoded",
            body: self.form(text)?.into(),
        };
        told(&self.api.post(call).await?)
    }
}

/// What an answer means.
fn told(answer: &Answer) -> Result<String, SendError> {
    if answer.is_success() {
        let Created { sid } = answer.json()?;
        return answer.id(sid);
    }
    let Refusal { code } = answer.json().unwrap_or_default();
    let why = if code == 0 { format!("Twilio answered {}", answer.status) } else { format!("Twilio's error {code}") };
    match (answer.status, code) {
        (401 | 403 | 404 | 408 | 429 | 500..=599, _) | (_, QUEUE_FULL) => Err(answer.not_taken(why)),
        _ => Err(SendError::Refused(why)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::Duration;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::api::tests::answer;
    use crate::webhook::Reach;

    #[test]
    fn each_answer_has_its_meaning() {
        assert_eq!(told(&answer(201, r#"{"sid":"SM1","status":"queued","more":[1]}"#)), Ok("SM1".to_owned()));
        for (status, body) in
            [(400, r#"{"code":21211,"message":"'To' +15005550001","status":400}"#), (422, ""), (301, "")]
        {
            let Err(SendError::Refused(why)) = told(&answer(status, body)) else { panic!("{status} {body}") };
            assert!(!why.contains("1500555"), "{why}");
        }
        for (status, body) in
            [(429, r#"{"code":20429}"#), (503, "busy"), (400, r#"{"code":21611}"#), (401, ""), (403, ""), (404, "")]
        {
            let told = told(&Answer { rest: Some(SignedDuration::from_secs(7)), ..answer(status, body) });
            let Err(SendError::NotTaken { rest, .. }) = told else { panic!("{status} {body}") };
            assert_eq!(rest, Some(SignedDuration::from_secs(7)));
        }
        for malformed in ["", "{}", r#"{"sid":5}"#, r#"{"sid":""}"#, "<html>"] {
            assert!(matches!(told(&answer(201, malformed)), Err(SendError::Unknown(_))), "{malformed}");
        }
    }

    /// Reading the system's certificates takes longer than all the rest.
    static API: LazyLock<Api> = LazyLock::new(|| Api::new(Reach::PUBLIC, Duration::from_secs(1)).expect("a client"));

    proptest! {
        #[test]
        fn whatever_a_message_says_arrives_as_it_was_written(said in "(?s).{1,200}", sender in "[ -~]{1,20}") {
            let token = "not-a-real-secret".parse().expect("a credential");
            let twilio = Twilio::new(API.clone(), Twilio::BASE, "AC1", &token, TwilioSender::From(sender.clone())).expect("an account");
            let message = TextMessage {
                id: "msg_1".to_owned(),
                to: "+919876543210".to_owned(),
                text: said.clone(),
                sender: None,
                template: None,
            };
            let form = twilio.telling("https://api.example.com/told").form(&message).expect("a form");
            let fields: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            prop_assert_eq!(fields, [
                pair("To", "+919876543210"),
                pair("Body", &said),
                pair("From", &sender),
                pair("StatusCallback", "https://api.example.com/told?message=msg_1"),
            ]);
        }
    }
}

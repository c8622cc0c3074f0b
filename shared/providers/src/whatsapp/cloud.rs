//! Meta's Cloud API: `POST /{version}/{phone-number-id}/messages`, by
//! <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>. A file is handed over before the message that
//! names it.
//!
//! What a failure means follows Meta's code of it, as Meta advises, and not its status or its words:
//! <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/>. What is wrong with the account, its token
//! or its number is none of the message's fault, and may be mended.

use bytes::Bytes;
use domain::integration::Credential;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    TemplateComponent, TemplateValue, WhatsApp, WhatsAppBody, WhatsAppMedia, WhatsAppMessage, WhatsAppRecipient,
    WhatsAppTemplate, media,
};
use crate::SendError;
use crate::api::{Answer, Api, Call, secret};
use crate::graph::failure;
use crate::text::digits;

/// The longest free text.
const MAX_TEXT: usize = 4_096;
/// The longest id of somebody.
const MAX_USER: usize = 150;
/// There is no such number, or the token may not use it.
const NO_NUMBER: (u32, Option<u32>) = (100, Some(33));

/// Sends WhatsApp messages from one number.
#[derive(Debug, Clone)]
pub struct CloudWhatsApp {
    api: Api,
    messages: String,
    media: String,
    authorization: HeaderValue,
}

#[derive(Deserialize)]
struct Taken {
    messages: Vec<TakenMessage>,
}

#[derive(Deserialize)]
struct TakenMessage {
    id: String,
}

impl CloudWhatsApp {
    /// Where the Cloud API lies, with the version of the Graph API that this is written for. Meta keeps each for at least two
    /// years: <https://developers.facebook.com/docs/graph-api/guides/versioning>.
    pub const BASE: &'static str = "https://graph.facebook.com/v24.0";

    /// A number by Meta's id of it (`phone_number_id`) and a token that may send from it (`whatsapp_business_messaging`), at
    /// [`Self::BASE`] or where a double of it lies.
    pub fn new(api: Api, base: &str, number: &str, token: &Credential) -> Result<Self, SendError> {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SendError::Refused("the id of the WhatsApp number is not one".to_owned()));
        }
        let authorization = secret(&format!("Bearer {}", token.expose()))?;
        let of = |edge: &str| format!("{base}/{number}/{edge}");
        Ok(Self { api, messages: of("messages"), media: of("media"), authorization })
    }

    async fn post(&self, message: &str, url: &str, content_type: &str, body: Bytes) -> Result<Answer, SendError> {
        let secret = ("authorization", &self.authorization);
        self.api.post(Call { provider: "WhatsApp", message, url, secret, content_type, body }).await
    }

    /// Hands a file over, and returns Meta's id of it, which is good for 30 days.
    async fn upload(&self, message: &str, media: &WhatsAppMedia) -> Result<String, SendError> {
        let (content_type, form) = media::form(message, &media.file)?;
        let answer = self.post(message, &self.media, &content_type, form.into()).await?;
        if answer.is_success() { media::id(&answer) } else { Err(refused(&answer)) }
    }
}

#[async_trait::async_trait]
impl WhatsApp for CloudWhatsApp {
    /// 1 `POST`, and 1 before it for a file. Meta knows no key of idempotency, so a message whose answer is lost is
    /// [unknown](SendError::Unknown); but its statuses [tell](crate::inbound::meta::Status::ours) our id.
    async fn send(&self, message: &WhatsAppMessage) -> Result<String, SendError> {
        let uploaded = match &message.body {
            WhatsAppBody::Media(media) => {
                // What is wrong with the words is told before anything is handed over.
                body(message, "0")?;
                // Without its file nothing went out.
                self.upload(&message.id, media).await.map_err(SendError::surely)?
            }
            WhatsAppBody::Text { .. } | WhatsAppBody::Template(_) => String::new(),
        };
        let body = body(message, &uploaded)?.to_string();
        told(&self.post(&message.id, &self.messages, "application/json", body.into()).await?)
    }
}

/// A message; `uploaded` is Meta's id of its file.
fn body(message: &WhatsAppMessage, uploaded: &str) -> Result<Value, SendError> {
    let WhatsAppMessage { id, to, body } = message;
    let mut written = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": id,
    });
    match to {
        WhatsAppRecipient::Number(number) => {
            digits(number)?;
            written["to"] = number.as_str().into();
        }
        WhatsAppRecipient::User(user) if is_user(user) => written["recipient"] = user.as_str().into(),
        WhatsAppRecipient::User(_) => return Err(SendError::Refused("the recipient's id is not one".to_owned())),
    }
    match body {
        WhatsAppBody::Text { text, preview } => {
            if text.is_empty() || text.chars().count() > MAX_TEXT {
                return Err(SendError::Refused(format!("the text does not have 1 to {MAX_TEXT} characters")));
            }
            written["type"] = "text".into();
            written["text"] = json!({"body": text, "preview_url": preview});
        }
        WhatsAppBody::Media(media) => {
            let (kind, part) = media::part(media, uploaded)?;
            written["type"] = kind.into();
            written[kind] = part;
        }
        WhatsAppBody::Template(WhatsAppTemplate { name, language, components }) => {
            let components: Vec<Value> = components.iter().map(component).collect();
            written["type"] = "template".into();
            written["template"] = json!({"name": name, "language": {"code": language}, "components": components});
        }
    }
    Ok(written)
}

/// `US.13491208655302741918`
fn is_user(text: &str) -> bool {
    let parts = text.split_once('.');
    parts.is_some_and(|(country, rest)| country.len() == 2 && !rest.is_empty())
        && text.len() <= MAX_USER
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

fn component(component: &TemplateComponent) -> Value {
    let button = |kind: &str, index: u8, parameter: Value| json!({"type": "button", "sub_type": kind, "index": index.to_string(), "parameters": [parameter]});
    match component {
        TemplateComponent::Header(one) => json!({"type": "header", "parameters": [value(one)]}),
        TemplateComponent::Body(values) => {
            json!({"type": "body", "parameters": values.iter().map(value).collect::<Vec<_>>()})
        }
        TemplateComponent::UrlButton { index, suffix } => {
            button("url", *index, json!({"type": "text", "text": suffix}))
        }
        TemplateComponent::ReplyButton { index, payload } => {
            button("quick_reply", *index, json!({"type": "payload", "payload": payload}))
        }
    }
}

fn value(value: &TemplateValue) -> Value {
    match value {
        TemplateValue::Text { name: None, text } => json!({"type": "text", "text": text}),
        TemplateValue::Text { name: Some(name), text } => json!({"type": "text", "parameter_name": name, "text": text}),
        TemplateValue::Image(link) => json!({"type": "image", "image": {"link": link}}),
        TemplateValue::Document { link, name } => {
            json!({"type": "document", "document": {"link": link, "filename": name}})
        }
    }
}

/// What an answer means.
fn told(answer: &Answer) -> Result<String, SendError> {
    if answer.is_success() {
        let Taken { messages } = answer.json()?;
        return answer.id(messages.into_iter().next().map(|message| message.id).unwrap_or_default());
    }
    Err(refused(answer))
}

/// What a failure means.
fn refused(answer: &Answer) -> SendError {
    let passes = |code, subcode| passes(code) || (code, subcode) == NO_NUMBER;
    failure("WhatsApp", answer, passes, meaning)
}

/// Whether a failure is not the message's, and so may pass.
const fn passes(code: u32) -> bool {
    matches!(
        code,
        // Meta's side: unknown, overloaded, unavailable, in maintenance, no throughput.
        1 | 2 | 131_000 | 131_016 | 131_057 | 133_004
        // Too often: the app, the account, the number, by its quality, and to one recipient.
        | 4 | 80_007 | 130_429 | 131_048 | 131_056
        // The account: token, permissions, a number that is gone or not registered, policy, payment, its display name.
        | 0 | 3 | 10 | 33 | 190 | 200..=299 | 368 | 131_005 | 131_031 | 131_037 | 131_042 | 131_045 | 133_010
    )
}

/// In words, what people can do something about.
const fn meaning(code: u32) -> &'static str {
    match code {
        0 | 190 => ": the access token is not good",
        131_026 => ": WhatsApp cannot reach the recipient",
        131_042 => ": the account cannot pay",
        131_047 => ": the recipient wrote more than 24 hours ago",
        131_049 => ": the recipient gets enough marketing",
        131_053 => ": WhatsApp does not take the file",
        131_050 => ": the recipient wants no marketing",
        132_000 => ": the template has another number of places",
        132_001 => ": there is no such template in this language",
        132_015 | 132_016 => ": the template is paused or disabled",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::answer;

    fn message(body: WhatsAppBody) -> WhatsAppMessage {
        WhatsAppMessage { id: "msg_1".to_owned(), to: WhatsAppRecipient::Number("+919876543210".to_owned()), body }
    }

    #[test]
    fn a_template_is_written_with_what_stands_in_its_places() {
        let text = |name: Option<&str>, text: &str| TemplateValue::Text {
            name: name.map(str::to_owned),
            text: text.to_owned(),
        };
        let template = WhatsAppTemplate {
            name: "visit".to_owned(),
            language: "en_US".to_owned(),
            components: vec![
                TemplateComponent::Header(TemplateValue::Document {
                    link: "https://a.example/b".into(),
                    name: "b.pdf".into(),
                }),
                TemplateComponent::Body(vec![text(None, "Asha"), text(Some("day"), "Friday")]),
                TemplateComponent::UrlButton { index: 0, suffix: "42".into() },
                TemplateComponent::ReplyButton { index: 1, payload: "stop".into() },
            ],
        };
        let written = body(&message(WhatsAppBody::Template(template)), "").expect("a body");
        assert_eq!(
            written["template"],
            json!({"name": "visit", "language": {"code": "en_US"}, "components": [
                {"type": "header", "parameters": [
                    {"type": "document", "document": {"link": "https://a.example/b", "filename": "b.pdf"}},
                ]},
                {"type": "body", "parameters": [
                    {"type": "text", "text": "Asha"},
                    {"type": "text", "parameter_name": "day", "text": "Friday"},
                ]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "42"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "1",
                 "parameters": [{"type": "payload", "payload": "stop"}]},
            ]})
        );
        assert_eq!((&written["to"], &written["biz_opaque_callback_data"]), (&json!("+919876543210"), &json!("msg_1")));
    }

    #[test]
    fn somebody_is_named_by_a_number_or_by_an_id() {
        let to = |to: WhatsAppRecipient| {
            let text = WhatsAppBody::Text { text: "Hello".to_owned(), preview: false };
            body(&WhatsAppMessage { to, ..message(text) }, "")
        };
        let user = to(WhatsAppRecipient::User("US.13491208655302741918".to_owned())).expect("a body");
        assert_eq!((&user["recipient"], user.get("to")), (&json!("US.13491208655302741918"), None));
        for bad in ["", "US", "US.", "USA.1", "US.1/2", "+919876543210"] {
            assert!(to(WhatsAppRecipient::User(bad.to_owned())).is_err(), "{bad}");
            assert!(to(WhatsAppRecipient::Number(bad.trim_start_matches('+').to_owned())).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_has_its_bounds() {
        let text = |text: String| body(&message(WhatsAppBody::Text { text, preview: true }), "");
        assert_eq!(text("é".repeat(4_096)).expect("a body")["text"]["preview_url"], true);
        for bad in [String::new(), "a".repeat(4_097)] {
            assert!(matches!(text(bad), Err(SendError::Refused(_))));
        }
    }

    #[test]
    fn each_code_has_its_meaning() {
        let error =
            |code: u32, more: &str| answer(400, &format!(r#"{{"error":{{"message":"+91987","code":{code}{more}}}}}"#));
        for code in [0, 1, 2, 4, 10, 190, 200, 299, 368, 80_007, 130_429, 131_000, 131_016, 131_048, 131_056, 133_010] {
            assert!(matches!(told(&error(code, "")), Err(SendError::NotTaken { .. })), "{code}");
        }
        for code in [100, 300, 131_008, 131_009, 131_021, 131_026, 131_030, 131_047, 131_049, 131_051, 132_000, 132_001]
        {
            let Err(SendError::Refused(why)) = told(&error(code, "")) else { panic!("{code}") };
            assert!(why.contains(&code.to_string()) && !why.contains("+91"), "{why}");
            assert!(matches!(told(&error(code, r#","is_transient":true"#)), Err(SendError::NotTaken { .. })), "{code}");
        }
        assert_eq!(
            told(&error(131_047, r#","error_subcode":2494055"#)),
            Err(SendError::Refused(
                "WhatsApp's error 131047.2494055: the recipient wrote more than 24 hours ago".to_owned()
            ))
        );
        let gone = error(100, r#","error_subcode":33"#);
        assert!(matches!(told(&gone), Err(SendError::NotTaken { .. })), "a number may come back");
        for status in [401, 404, 429, 500, 503] {
            assert!(matches!(told(&answer(status, "<html>")), Err(SendError::NotTaken { .. })), "{status}");
        }
        assert!(matches!(told(&answer(422, "")), Err(SendError::Refused(_))));
    }

    #[test]
    fn an_id_is_told_or_nobody_knows() {
        // As Meta documents it.
        let taken = r#"{"messaging_product":"whatsapp","contacts":[{"input":"48XXXXXXXXX","wa_id":"48XXXXXXXXX"}],
            "messages":[{"id":"wamid.gBGGSFcCNEOPAgkO_KJ55r4w_ww"}]}"#;
        assert_eq!(told(&answer(200, taken)), Ok("wamid.gBGGSFcCNEOPAgkO_KJ55r4w_ww".to_owned()));
        for malformed in ["", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#] {
            assert!(matches!(told(&answer(200, malformed)), Err(SendError::Unknown(_))), "{malformed}");
        }
    }
}

//! Meta's Cloud API for one WhatsApp number, by <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>,
//! its webhooks, by <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components>, and the templates of its
//! account, by <https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management/>.
//!
//! As with Meta, a message that is taken may still fail: that a free text comes more than 24 hours after the recipient's last
//! message, or that a number has no WhatsApp, is told by its status.

mod files;
mod templates;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use http::Method;
use http::request::Parts;
use providers::inbound::meta::sign;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use self::files::Media;
use self::files::{Files, LIES_AT};
use self::templates::Templates;
use crate::outbox::Draft;
use crate::provider::{self, Callback, Provider, Response, Trouble, Troubles, header_of, is_e164, is_of};
use crate::{Act, Clock, Error, Outbox, Setup, Telling, Untold};

const NAME: &str = "whatsapp";
const JSON: &str = "application/json";
const MAX_TEXT: usize = 4_096;

/// Who the double is: all of it made up.
#[derive(Clone)]
pub struct Account {
    /// Meta's id of the business account that has the templates: digits.
    pub business: String,
    /// Meta's id of the number: digits.
    pub number: String,
    /// The number itself, as people read it.
    pub display: String,
    /// The token that lets senders in.
    pub token: String,
    /// What the app signs its webhooks with.
    pub secret: String,
    /// The bodies of templates that are approved at first, by name and language, with places as Meta writes them: `{{1}}`,
    /// `{{2}}`.
    pub templates: HashMap<(String, String), String>,
}

/// A WhatsApp number at Meta's Cloud API. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct CloudWhatsApp(Arc<Inner>);

struct Inner {
    account: Account,
    /// Further numbers of the account, by their ids.
    others: HashMap<String, String>,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    troubles: Troubles,
    files: Files,
    templates: Templates,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudWhatsApp").field("number", &self.account.number).finish_non_exhaustive()
    }
}

/// A message that was taken.
#[derive(Serialize, Deserialize)]
struct Sent {
    /// The id of the number that it came from.
    number: String,
    to: Recipient,
    ours: Option<String>,
    category: String,
}

/// By the digits of a number, or by an id.
#[derive(Serialize, Deserialize)]
enum Recipient {
    Number(String),
    User(String),
}

impl CloudWhatsApp {
    /// A number over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup, account: Account) -> Self {
        Self::with_numbers(outbox, setup, account, &[])
    }

    /// [`Self::new`] with further numbers of the account: Meta's id of each, and the number as people read it.
    pub fn with_numbers(outbox: Outbox, setup: &Setup, mut account: Account, others: &[(&str, &str)]) -> Self {
        let templates = Templates::of(std::mem::take(&mut account.templates));
        let (clock, troubles, files) = (Arc::clone(&setup.clock), Troubles::default(), Files::default());
        let others = others.iter().map(|(id, display)| ((*id).to_owned(), (*display).to_owned())).collect();
        Self(Arc::new(Inner { account, others, outbox, clock, troubles, files, templates }))
    }

    /// Where the messages went.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// The files that were handed over, the oldest first.
    pub fn media(&self) -> Vec<Media> {
        self.0.files.handed()
    }

    /// Serves it until `shutdown`.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        provider::serve(Arc::clone(&self.0), listener, shutdown).await
    }

    /// The next call meets this, after those that were added before.
    pub fn trouble(&self, trouble: Trouble) {
        self.0.troubles.add(trouble);
    }

    /// The webhook of a status: `sent`, `delivered`, `read`, and with a code `failed`. `None` where there is no such message.
    pub fn status(&self, id: &str, status: &str, error: Option<u32>) -> Option<Callback> {
        let message = i64::from_str_radix(id.strip_prefix("wamid.")?, 16).ok()?;
        let sent = self.0.outbox.remembered(NAME, message).ok()??;
        Some(self.0.became(&sent, id, status, error))
    }

    /// The webhook of a text that somebody wrote to the number: by the digits of theirs, without a `+`.
    pub fn message(&self, id: &str, from: &str, name: &str, text: &str) -> Callback {
        let contact = json!({"profile": {"name": name}, "wa_id": from});
        self.0.wrote(&self.0.account.number, &contact, json!({"from": from, "id": id, "text": {"body": text}}))
    }

    /// The webhook of a file that somebody sent to the number, with words beneath it where they wrote some. It can be fetched
    /// by the id that the webhook tells.
    pub fn file(&self, id: &str, from: &str, name: &str, media: Media, caption: Option<&str>) -> Callback {
        let (kind, part) = self.0.files.receive(media, caption);
        let contact = json!({"profile": {"name": name}, "wa_id": from});
        let message = json!({"from": from, "id": id, "type": kind, kind: part});
        self.0.wrote(&self.0.account.number, &contact, message)
    }

    /// Nobody has the files any more that people sent.
    pub fn forget_files(&self) {
        self.0.files.forget();
    }

    /// Meta judges a template anew: from now on it stands at `event` (`APPROVED`, `REJECTED`, `PAUSED`), for `reason`. The
    /// webhook of it, whose time is now.
    pub fn judge(&self, name: &str, language: &str, event: &str, reason: &str) -> Callback {
        self.0.webhook("message_template_status_update", &self.0.templates.judge(name, language, event, reason))
    }

    /// What Meta tells of messages.
    pub const ACTS: &[Act] = &[Act::Delivered, Act::Read, Act::Failed];

    /// From now on it calls this address for what concerns a number, as
    /// [Meta lets a number have one](https://developers.facebook.com/docs/whatsapp/embedded-signup/webhooks/override).
    pub fn call_at(&self, number: &str, url: &str) -> Result<(), Error> {
        self.0.outbox.call_at(NAME, number, url)
    }

    /// The id of the number that a message came from, by its place in the outbox.
    pub fn number_of(&self, message: i64) -> Result<Option<String>, Error> {
        Ok(self.0.outbox.remembered::<Sent>(NAME, message)?.map(|sent| sent.number))
    }

    /// The call by which it tells what became of a message, by its place in the outbox. What fails does so as undeliverable.
    pub fn tell(&self, message: i64, act: Act) -> Result<Telling, Untold> {
        let (status, error) = match act {
            Act::Delivered => ("delivered", None),
            Act::Read => ("read", None),
            Act::Failed => ("failed", Some(131_026)),
            Act::Bounced | Act::Complained => return Err(Untold::NotOfTheKind),
        };
        let (sent, url) = self.0.sent(message)?;
        Ok(Telling { url, callback: self.0.became(&sent, &wamid(message), status, error) })
    }

    /// The call by which it tells that the receiver of a message answered it; `nth` tells one answer from another.
    pub fn answer(&self, message: i64, nth: i64, text: &str) -> Result<Telling, Untold> {
        let (Sent { number, to, .. }, url) = self.0.sent(message)?;
        // Apart from the ids of messages that were sent.
        let id = format!("wamid.{:032X}", 1_u128 << 127 | u128::from(nth.unsigned_abs()));
        let (contact, from, who) = match &to {
            Recipient::Number(digits) => {
                (json!({"profile": {"name": format!("+{digits}")}, "wa_id": digits}), "from", digits)
            }
            Recipient::User(user) => (json!({"profile": {"name": user}, "user_id": user}), "from_user_id", user),
        };
        let context = json!({"from": self.0.digits(&number), "id": wamid(message)});
        let wrote = json!({from: who, "id": id, "text": {"body": text}, "context": context});
        Ok(Telling { url, callback: self.0.wrote(&number, &contact, wrote) })
    }
}

/// Meta's id of a message that was sent, by its place in the outbox.
fn wamid(message: i64) -> String {
    format!("wamid.{message:032X}")
}

impl Inner {
    /// A number as people read it, by its id.
    fn display(&self, number: &str) -> &str {
        self.others.get(number).map_or(&self.account.display, String::as_str)
    }

    fn digits(&self, number: &str) -> String {
        self.display(number).chars().filter(char::is_ascii_digit).collect()
    }

    /// A message that was sent, and where to tell of it.
    fn sent(&self, message: i64) -> Result<(Sent, String), Untold> {
        let sent: Sent = self.outbox.remembered(NAME, message)?.ok_or(Untold::NotCarried)?;
        let url = self.outbox.called_at(NAME, &sent.number)?.ok_or(Untold::NoAddress)?;
        Ok((sent, url))
    }

    fn became(&self, sent: &Sent, id: &str, status: &str, error: Option<u32>) -> Callback {
        let Sent { number, to, ours, category } = sent;
        let mut one = json!({
            "id": id,
            "status": status,
            "timestamp": self.clock.now_unix_secs().to_string(),
        });
        match to {
            Recipient::Number(digits) => one["recipient_id"] = digits.as_str().into(),
            Recipient::User(user) => one["recipient_user_id"] = user.as_str().into(),
        }
        if let Some(ours) = ours {
            one["biz_opaque_callback_data"] = ours.as_str().into();
        }
        match error {
            Some(code) => {
                let details = json!({"details": "It failed"});
                one["errors"] = json!([{"code": code, "title": "Failed", "message": "Failed", "error_data": details}]);
            }
            None => one["pricing"] = json!({"billable": true, "pricing_model": "PMP", "category": category}),
        }
        self.told(number, &json!({"statuses": [one]}))
    }

    fn wrote(&self, number: &str, contact: &Value, mut message: Value) -> Callback {
        message["timestamp"] = self.clock.now_unix_secs().to_string().into();
        if message["type"].is_null() {
            message["type"] = "text".into();
        }
        self.told(number, &json!({"contacts": [contact], "messages": [message]}))
    }

    fn told(&self, number: &str, what: &Value) -> Callback {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": self.display(number), "phone_number_id": number},
        });
        if let (Some(value), Some(what)) = (value.as_object_mut(), what.as_object()) {
            value.extend(what.clone());
        }
        self.webhook("messages", &value)
    }

    fn webhook(&self, field: &str, value: &Value) -> Callback {
        let Account { business, secret, .. } = &self.account;
        let now = self.clock.now_unix_secs();
        let entry = json!({"id": business, "time": now, "changes": [{"value": value, "field": field}]});
        let body = json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string();
        let signature = sign(secret, body.as_bytes()).unwrap_or_default();
        Callback::new(JSON, body).with("x-hub-signature-256", &signature)
    }

    fn send(&self, number: &str, body: &[u8]) -> Result<Response, u32> {
        let body: Value = serde_json::from_slice(body).map_err(|_| 100_u32)?;
        if body["messaging_product"] != "whatsapp" {
            return Err(100);
        }
        // Where both are given, the number is what counts.
        let (to, contact, recipient) = match (body["to"].as_str(), body["recipient"].as_str()) {
            (Some(to), _) if is_e164(to) => {
                let digits = to.trim_start_matches('+').to_owned();
                (to, json!({"input": to, "wa_id": digits}), Recipient::Number(digits))
            }
            (None, Some(user)) if user.contains('.') => {
                (user, json!({"input": user, "user_id": user}), Recipient::User(user.to_owned()))
            }
            (None, None) => return Err(131_008),
            _ => return Err(131_009),
        };
        let (said, category, is_template) = match body["type"].as_str() {
            Some("text") => (text(&body["text"])?, "service", false),
            Some("template") => (self.templates.filled(&body["template"])?, "utility", true),
            Some(kind @ ("image" | "video" | "audio" | "document")) => {
                (self.files.shown(kind, &body[kind])?, "service", false)
            }
            Some(_) => return Err(131_051),
            None => return Err(131_008),
        };
        let ours = body["biz_opaque_callback_data"].as_str();
        if ours.is_some_and(|text| text.chars().count() > 512) {
            return Err(131_009);
        }
        let draft = Draft {
            channel: "whatsapp".to_owned(),
            from: self.display(number).to_owned(),
            to: vec![to.to_owned()],
            subject: String::new(),
            raw: said.into_bytes(),
        };
        let (number, category) = (number.to_owned(), category.to_owned());
        let sent = Sent { number, to: recipient, ours: ours.map(str::to_owned), category };
        let kept = self.outbox.carry(NAME, &sent, &draft).map_err(|_| 131_000_u32)?;
        let mut message = json!({"id": wamid(kept)});
        if is_template {
            message["message_status"] = "accepted".into();
        }
        Ok(provider::json(200, &json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})))
    }
}

fn text(text: &Value) -> Result<String, u32> {
    let body = text["body"].as_str().ok_or(131_008_u32)?;
    if body.is_empty() || body.chars().count() > MAX_TEXT { Err(131_009) } else { Ok(body.to_owned()) }
}

impl Provider for Inner {
    fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    fn take(&self, request: &Parts, body: &[u8]) -> Response {
        let Account { business, number, token, .. } = &self.account;
        if header_of(request, "authorization") != format!("Bearer {token}") {
            return self.failure(190);
        }
        if request.method == Method::GET && request.uri.path() == LIES_AT {
            return self.files.received(request);
        }
        let mut path = request.uri.path().split('/').skip(1);
        let version = path.next().and_then(|text| text.strip_prefix('v')).and_then(|text| text.strip_suffix(".0"));
        let is_version = version.is_some_and(|text| text.parse::<u8>().is_ok());
        let (of, what, more) = (path.next(), path.next(), path.next());
        let is_edge = |edge: &str| is_version && what == Some(edge) && more.is_none();
        if request.method == Method::GET && is_edge("message_templates") && of == Some(business) {
            return self.templates.listed(request.uri.query().unwrap_or_default());
        }
        if let Some(id) = of.filter(|_| request.method == Method::GET && is_version && what.is_none())
            && let Some(lies) = self.files.lies(request, id)
        {
            return lies;
        }
        let to = of.filter(|to| to == number || self.others.contains_key(*to));
        if to.is_some() && is_edge("media") && request.method == Method::POST {
            return self.files.upload(request, body).unwrap_or_else(|code| self.failure(code));
        }
        let Some(number) = to.filter(|_| is_edge("messages")) else { return self.failure(100) };
        if request.method != Method::POST || !is_of(request, JSON) {
            return self.failure(100);
        }
        self.send(number, body).unwrap_or_else(|code| self.failure(code))
    }

    /// <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/>
    fn failure(&self, code: u32) -> Response {
        let status = match code {
            0 | 190 => 401,
            3 | 131_000 | 131_026 => 500,
            10 | 200..=299 | 368 | 131_005 | 131_031 => 403,
            4 | 80_007 | 130_429 | 131_048 | 131_056 => 429,
            2 | 131_016 => 503,
            132_001 => 404,
            _ => 400,
        };
        let body = json!({"error": {
            "message": format!("(#{code}) The request failed"),
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": "The request failed"},
            "fbtrace_id": "AAAAAAAAAAAAAAAAAAAAAAA",
        }});
        provider::json(status, &body)
    }
}

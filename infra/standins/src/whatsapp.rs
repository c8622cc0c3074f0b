//! Meta's Cloud API for one WhatsApp number, by <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>,
//! its webhooks, by <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components>, and the templates of its
//! account, by <https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management/>.
//!
//! As with Meta, a message that is taken may still fail: that a free text comes more than 24 hours after the recipient's last
//! message, or that a number has no WhatsApp, is told by its status.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use http::request::Parts;
use providers::inbound::meta::sign;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::outbox::Draft;
use crate::provider::{self, Callback, Provider, Remembered, Response, Trouble, Troubles, header_of, is_e164, is_of};
use crate::{Clock, Outbox, Setup};

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
    /// Templates that are approved at first, by name and language, with how many places their bodies have.
    pub templates: HashMap<(String, String), usize>,
}

/// A WhatsApp number at Meta's Cloud API. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct CloudWhatsApp(Arc<Inner>);

struct Inner {
    account: Account,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    troubles: Troubles,
    sent: Remembered<Sent>,
    /// Where each template stands that is not approved, in Meta's words: the state, and why it was rejected.
    judged: Mutex<HashMap<(String, String), (String, String)>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudWhatsApp").field("number", &self.account.number).finish_non_exhaustive()
    }
}

/// A message that was taken.
#[derive(Clone, Debug)]
struct Sent {
    to: Recipient,
    ours: Option<String>,
    category: &'static str,
}

/// By the digits of a number, or by an id.
#[derive(Clone, Debug)]
enum Recipient {
    Number(String),
    User(String),
}

impl CloudWhatsApp {
    /// A number over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup, account: Account) -> Self {
        let (clock, judged) = (Arc::clone(&setup.clock), Mutex::default());
        Self(Arc::new(Inner {
            account,
            outbox,
            clock,
            troubles: Troubles::default(),
            sent: Remembered::default(),
            judged,
        }))
    }

    /// Where the messages went.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
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
        let Sent { to, ours, category } = self.0.sent.get(id)?;
        let mut one = json!({
            "id": id,
            "status": status,
            "timestamp": self.0.clock.now_unix_secs().to_string(),
        });
        match to {
            Recipient::Number(digits) => one["recipient_id"] = digits.into(),
            Recipient::User(user) => one["recipient_user_id"] = user.into(),
        }
        if let Some(ours) = ours {
            one["biz_opaque_callback_data"] = ours.into();
        }
        match error {
            Some(code) => {
                let details = json!({"details": "It failed"});
                one["errors"] = json!([{"code": code, "title": "Failed", "message": "Failed", "error_data": details}]);
            }
            None => one["pricing"] = json!({"billable": true, "pricing_model": "PMP", "category": category}),
        }
        Some(self.0.told(&json!({"statuses": [one]})))
    }

    /// Meta judges a template anew: from now on it stands at `event` (`APPROVED`, `REJECTED`, `PAUSED`), for `reason`. The
    /// webhook of it, whose time is now.
    pub fn judge(&self, name: &str, language: &str, event: &str, reason: &str) -> Callback {
        let key = (name.to_owned(), language.to_owned());
        let stands = (event.to_owned(), reason.to_owned());
        self.0.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(key, stands);
        let value = json!({
            "event": event,
            "message_template_id": 1_689_556_908_129_832_u64,
            "message_template_name": name,
            "message_template_language": language,
            "reason": reason,
            "message_template_category": "UTILITY",
        });
        self.0.webhook("message_template_status_update", &value)
    }

    /// The webhook of a text that somebody wrote to the number: by the digits of theirs, without a `+`.
    pub fn message(&self, id: &str, from: &str, name: &str, text: &str) -> Callback {
        self.0.told(&json!({
            "contacts": [{"profile": {"name": name}, "wa_id": from}],
            "messages": [{
                "from": from,
                "id": id,
                "timestamp": self.0.clock.now_unix_secs().to_string(),
                "type": "text",
                "text": {"body": text},
            }],
        }))
    }
}

impl Inner {
    fn told(&self, what: &Value) -> Callback {
        let Account { number, display, .. } = &self.account;
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": display, "phone_number_id": number},
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

    fn send(&self, body: &[u8]) -> Result<Response, u32> {
        let body: Value = serde_json::from_slice(body).map_err(|_| 100_u32)?;
        if body["messaging_product"] != "whatsapp" {
            return Err(100);
        }
        // Where both are given, the number is what counts.
        let (to, contact, recipient) = match (body["to"].as_str(), body["recipient"].as_str()) {
            (Some(number), _) if is_e164(number) => {
                let digits = number.trim_start_matches('+').to_owned();
                (number, json!({"input": number, "wa_id": digits}), Recipient::Number(digits))
            }
            (None, Some(user)) if user.contains('.') => {
                (user, json!({"input": user, "user_id": user}), Recipient::User(user.to_owned()))
            }
            (None, None) => return Err(131_008),
            _ => return Err(131_009),
        };
        let (said, category, is_template) = match body["type"].as_str() {
            Some("text") => (text(&body["text"])?, "service", false),
            Some("template") => (self.template(&body["template"])?, "utility", true),
            Some(_) => return Err(131_051),
            None => return Err(131_008),
        };
        let ours = body["biz_opaque_callback_data"].as_str();
        if ours.is_some_and(|text| text.chars().count() > 512) {
            return Err(131_009);
        }
        let draft = Draft {
            channel: "whatsapp".to_owned(),
            from: self.account.display.clone(),
            to: vec![to.to_owned()],
            subject: String::new(),
            raw: said.into_bytes(),
        };
        let kept = self.outbox.keep(&draft).map_err(|_| 131_000_u32)?;
        let id = format!("wamid.{kept:032X}");
        self.sent.add(&id, Sent { to: recipient, ours: ours.map(str::to_owned), category });
        let mut message = json!({"id": id});
        if is_template {
            message["message_status"] = "accepted".into();
        }
        Ok(provider::json(200, &json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})))
    }

    /// Where a template stands, and why.
    fn stands(&self, key: &(String, String)) -> (String, String) {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.get(key).cloned().unwrap_or_else(|| ("APPROVED".to_owned(), "NONE".to_owned()))
    }

    /// A page of the templates with `name` as a part of theirs, in the order of their names, with the place behind it.
    fn listed(&self, query: &str) -> Response {
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let text = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let limit = text("limit").parse().unwrap_or(25_usize);
        let from = text("after").parse().unwrap_or(0_usize);
        let known: BTreeMap<_, _> = self.account.templates.keys().map(|key| (key, self.stands(key))).collect();
        let named: Vec<Value> = known
            .into_iter()
            .filter(|((name, _), _)| name.contains(text("name")))
            .map(|((name, language), (status, reason))| {
                json!({"name": name, "language": language, "status": status, "rejected_reason": reason, "id": "1"})
            })
            .collect();
        let page: Vec<&Value> = named.iter().skip(from).take(limit).collect();
        let to = from + page.len();
        let mut paging = json!({"cursors": {"before": from.to_string(), "after": to.to_string()}});
        if to < named.len() {
            paging["next"] = "https://graph.facebook.com/next".into();
        }
        provider::json(200, &json!({"data": page, "paging": paging}))
    }

    fn template(&self, template: &Value) -> Result<String, u32> {
        let name = template["name"].as_str().ok_or(131_008_u32)?;
        let language = template["language"]["code"].as_str().ok_or(131_008_u32)?;
        let key = (name.to_owned(), language.to_owned());
        let places = self.account.templates.get(&key).ok_or(132_001_u32)?;
        match self.stands(&key).0.as_str() {
            "APPROVED" | "REINSTATED" => {}
            "PAUSED" => return Err(132_015),
            "DISABLED" => return Err(132_016),
            _ => return Err(132_001),
        }
        let components = template["components"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut values = Vec::new();
        for component in components {
            let parameters = component["parameters"].as_array().ok_or(131_008_u32)?;
            match component["type"].as_str() {
                Some("body") => {
                    let text = |parameter: &Value| parameter["text"].as_str().map(str::to_owned).ok_or(131_009_u32);
                    values = parameters.iter().map(text).collect::<Result<_, _>>()?;
                }
                Some("header") => {}
                Some("button") if component["index"].is_string() && component["sub_type"].is_string() => {}
                _ => return Err(100),
            }
        }
        if values.len() == *places { Ok(format!("{name} ({language}): {}", values.join(", "))) } else { Err(132_000) }
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
        let mut path = request.uri.path().split('/').skip(1);
        let version = path.next().and_then(|text| text.strip_prefix('v')).and_then(|text| text.strip_suffix(".0"));
        let is_version = version.is_some_and(|text| text.parse::<u8>().is_ok());
        let (of, what, more) = (path.next(), path.next(), path.next());
        let is_ours = |id: &str, edge: &str| is_version && of == Some(id) && what == Some(edge) && more.is_none();
        if request.method == Method::GET && is_ours(business, "message_templates") {
            return self.listed(request.uri.query().unwrap_or_default());
        }
        if !is_ours(number, "messages") || request.method != Method::POST || !is_of(request, JSON) {
            return self.failure(100);
        }
        self.send(body).unwrap_or_else(|code| self.failure(code))
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

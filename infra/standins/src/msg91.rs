//! MSG91's Flow, by <https://docs.msg91.com/sms/send-sms>, and its delivery reports.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use http::Method;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::outbox::Draft;
use crate::provider::{self, Callback, Provider, Response, Trouble, Troubles, header_of, is_international, is_of};
use crate::{Act, Error, Outbox, Telling, Untold};

const NAME: &str = "msg91";
/// There is one account.
const ACCOUNT: &str = "";
const JSON: &str = "application/json";

/// An account of MSG91. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct Msg91(Arc<Inner>);

struct Inner {
    key: String,
    sender: String,
    templates: HashMap<String, String>,
    outbox: Outbox,
    troubles: Troubles,
}

/// A message that was taken.
#[derive(Serialize, Deserialize)]
struct Sent {
    sender: String,
    number: String,
    /// What whoever sent it calls it, where that was told.
    #[serde(default)]
    named: Option<String>,
    /// The first message of the same request; `None` of that one itself.
    first: Option<i64>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Msg91").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Msg91 {
    /// An account by its `authkey` and its sender, with templates by their ids, over an outbox. A place in a template is
    /// written `##name##`.
    pub fn new(outbox: Outbox, key: &str, sender: &str, templates: &[(&str, &str)]) -> Self {
        let templates = templates.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        Self(Arc::new(Inner {
            key: key.to_owned(),
            sender: sender.to_owned(),
            templates,
            outbox,
            troubles: Troubles::default(),
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

    /// The delivery report of a request, in version 3 of MSG91's webhook, by MSG91's status: 1 delivered, 2 failed, 9 on the
    /// registry of who wants none, 16 and 25 rejected, 17 blocked. `None` where there is no such request.
    ///
    /// <https://msg91.com/help/how-can-i-get-the-delivery-reports-on-my-webhook-url>
    pub fn report(&self, request: &str, status: u8) -> Option<Callback> {
        let message = i64::from_str_radix(request, 16).ok()?;
        let sent = self.0.outbox.remembered(NAME, message).ok()??;
        Some(reported(&sent, request, status))
    }

    /// What MSG91 tells of text messages.
    pub const ACTS: &[Act] = &[Act::Delivered, Act::Failed];

    /// From now on it calls this address, its secret and all, as it is set in MSG91's panel for the account.
    pub fn call_at(&self, url: &str) -> Result<(), Error> {
        self.0.outbox.call_at(NAME, ACCOUNT, url)
    }

    /// The call by which it tells what became of a message, by its place in the outbox.
    pub fn tell(&self, message: i64, act: Act) -> Result<Telling, Untold> {
        let status = match act {
            Act::Delivered => 1,
            Act::Failed => 2,
            Act::Read | Act::Bounced | Act::Complained => return Err(Untold::NotOfTheKind),
        };
        let outbox = &self.0.outbox;
        let sent: Sent = outbox.remembered(NAME, message)?.ok_or(Untold::NotCarried)?;
        let url = outbox.called_at(NAME, ACCOUNT)?.ok_or(Untold::NoAddress)?;
        Ok(Telling { url, callback: reported(&sent, &request(sent.first.unwrap_or(message)), status) })
    }
}

/// MSG91's id of a request, by the place of its first message in the outbox.
fn request(first: i64) -> String {
    format!("{first:024x}")
}

fn reported(sent: &Sent, request: &str, status: u8) -> Callback {
    let Sent { sender, number, named, first: _ } = sent;
    let body = json!({
        "date": "2026-11-20 15:30:00",
        "number": number,
        "senderId": sender,
        "amount": "0.01",
        "requestId": request,
        "INMSID": "0",
        "CRQID": named.as_deref().unwrap_or("0"),
        "credit": "1",
        "userId": "1",
        "campaignName": "API",
        "status": status.to_string(),
        "desc": if status == 1 { "DELIVERED" } else { "FAILED" },
    });
    Callback::new(JSON, body.to_string())
}

impl Inner {
    fn flow(&self, body: &[u8]) -> Result<Response, &'static str> {
        let body: Value = serde_json::from_slice(body).map_err(|_| "invalid JSON")?;
        let id = body["template_id"].as_str().ok_or("template id missing")?;
        let template = self.templates.get(id).ok_or("template not found")?;
        let sender = body["sender"].as_str().unwrap_or(&self.sender);
        let recipients = body["recipients"].as_array().filter(|all| !all.is_empty()).ok_or("recipients missing")?;
        let mut written = Vec::new();
        for recipient in recipients {
            let fields = recipient.as_object().ok_or("recipients missing")?;
            let number = fields.get("mobiles").and_then(Value::as_str).filter(|number| is_international(number));
            let named = fields.get("CRQID").and_then(Value::as_str);
            if named.is_some_and(|named| !is_name(named)) {
                return Err("invalid CRQID");
            }
            let number = number.ok_or("invalid mobile number")?.to_owned();
            written.push((number, named.map(str::to_owned), fill(template, fields)));
        }
        let mut first = None;
        for (number, named, text) in written {
            let draft = Draft {
                channel: "sms".to_owned(),
                from: sender.to_owned(),
                to: vec![format!("+{number}")],
                subject: String::new(),
                raw: text.into_bytes(),
            };
            let sent = Sent { sender: sender.to_owned(), number, named, first };
            let kept = self.outbox.carry(NAME, &sent, &draft).map_err(|_| "try again")?;
            first.get_or_insert(kept);
        }
        Ok(provider::json(200, &json!({"message": first.map(request), "type": "success"})))
    }
}

/// Whether a message may be called so:
/// <https://msg91.com/help/text-sms/custom-metadata-parameters-for-tracking-sms-requests>.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= 80 && text.bytes().all(fits)
}

/// A template with what stands in its places; one that nobody fills stays empty.
fn fill(template: &str, fields: &Map<String, Value>) -> String {
    let mut parts = template.split("##");
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let Some(name) = parts.next() {
        text.push_str(fields.get(name).and_then(Value::as_str).unwrap_or_default());
        text.push_str(parts.next().unwrap_or_default());
    }
    text
}

fn refusal(status: u16, message: &str, code: Option<u32>) -> Response {
    let mut body = json!({"message": message, "type": "error"});
    if let Some(code) = code {
        body["code"] = code.to_string().into();
    }
    provider::json(status, &body)
}

impl Provider for Inner {
    fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    fn take(&self, request: &Parts, body: &[u8]) -> Response {
        if header_of(request, "authkey") != self.key {
            return self.failure(207);
        }
        if request.uri.path().trim_end_matches('/') != "/api/v5/flow" || request.method != Method::POST {
            return refusal(404, "not found", None);
        }
        if !is_of(request, JSON) {
            return refusal(400, "invalid content type", None);
        }
        self.flow(body).unwrap_or_else(|why| refusal(400, why, None))
    }

    /// Codes of MSG91's older API, which answers all of them with 200.
    fn failure(&self, code: u32) -> Response {
        let message = match code {
            207 => "Invalid authentication key",
            301 => "Insufficient balance to send SMS",
            418 => "IP is not whitelisted",
            _ => "The request failed",
        };
        refusal(200, message, Some(code))
    }
}

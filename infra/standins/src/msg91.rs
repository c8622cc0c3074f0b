//! MSG91's Flow, by <https://docs.msg91.com/sms/send-sms>, and its delivery reports.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use http::Method;
use http::request::Parts;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::Outbox;
use crate::outbox::Draft;
use crate::provider::{
    self, Callback, Provider, Remembered, Response, Trouble, Troubles, header_of, is_international, is_of,
};

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
    sent: Remembered<(String, String)>,
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
            sent: Remembered::default(),
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
        let (sender, number) = self.0.sent.get(request)?;
        let body = json!({
            "date": "2026-11-20 15:30:00",
            "number": number,
            "senderId": sender,
            "amount": "0.01",
            "requestId": request,
            "INMSID": "0",
            "CRQID": "0",
            "credit": "1",
            "userId": "1",
            "campaignName": "API",
            "status": status.to_string(),
            "desc": if status == 1 { "DELIVERED" } else { "FAILED" },
        });
        Some(Callback::new(JSON, body.to_string()))
    }
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
            written.push((number.ok_or("invalid mobile number")?.to_owned(), fill(template, fields)));
        }
        let mut request = None;
        for (number, text) in written {
            let draft = Draft {
                channel: "sms".to_owned(),
                from: sender.to_owned(),
                to: vec![format!("+{number}")],
                subject: String::new(),
                raw: text.into_bytes(),
            };
            let kept = self.outbox.keep(&draft).map_err(|_| "try again")?;
            let request = request.get_or_insert_with(|| format!("{kept:024x}"));
            self.sent.add(request, (sender.to_owned(), number));
        }
        Ok(provider::json(200, &json!({"message": request, "type": "success"})))
    }
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

//! Twilio's Messages, by <https://www.twilio.com/docs/messaging/api/message-resource>, with the numbers of
//! <https://www.twilio.com/docs/iam/test-credentials> that fail in a known way, and what people write back, by
//! <https://www.twilio.com/docs/messaging/guides/webhook-request>.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::Serializer;
use http::Method;
use http::request::Parts;
use providers::inbound::twilio::sign;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use crate::outbox::Draft;
use crate::provider::{self, Callback, Provider, Response, Trouble, Troubles, header_of, is_e164, is_of};
use crate::{Act, Outbox, Telling, Untold};

const NAME: &str = "twilio";
const FORM: &str = "application/x-www-form-urlencoded";
const MAX_TEXT: usize = 1_600;
const VERSION: &str = "2010-04-01";
/// The number of a messaging service, which has no other here.
const OF_A_SERVICE: &str = "+15005550006";

/// An account of Twilio. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct Twilio(Arc<Inner>);

struct Inner {
    account: String,
    token: String,
    outbox: Outbox,
    troubles: Troubles,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Twilio").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A message that was taken.
#[derive(Serialize, Deserialize)]
struct Sent {
    from: String,
    to: String,
    callback: Option<String>,
}

impl Twilio {
    /// An account and its auth token, over an outbox.
    pub fn new(outbox: Outbox, account: &str, token: &str) -> Self {
        let (account, token) = (account.to_owned(), token.to_owned());
        Self(Arc::new(Inner { account, token, outbox, troubles: Troubles::default() }))
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

    /// The status callback of a message, and where Twilio was asked to send it: `sent`, `delivered`, and with a code
    /// `undelivered` or `failed`. `None` where there is no such message, or nobody asked.
    pub fn callback(&self, sid: &str, status: &str, error: Option<u32>) -> Option<(String, Callback)> {
        let message = i64::from_str_radix(sid.strip_prefix("SM")?, 16).ok()?;
        let Sent { from, to, callback } = self.0.outbox.remembered(NAME, message).ok()??;
        let (Inner { account, token, .. }, url) = (&*self.0, callback?);
        let mut form = Serializer::new(String::new());
        form.append_pair("AccountSid", account).append_pair("ApiVersion", VERSION);
        if let Some(code) = error {
            form.append_pair("ErrorCode", &code.to_string());
        }
        form.append_pair("From", &from).append_pair("MessageSid", sid).append_pair("MessageStatus", status);
        form.append_pair("SmsSid", sid).append_pair("SmsStatus", status).append_pair("To", &to);
        let body = form.finish();
        let signature = sign(token, &url, body.as_bytes());
        Some((url, Callback::new(FORM, body).with("x-twilio-signature", &signature)))
    }

    /// What Twilio tells of text messages.
    pub const ACTS: &[Act] = &[Act::Delivered, Act::Failed];

    /// The call by which it tells what became of a message, by its place in the outbox. What fails does so for a handset that
    /// is out of reach, <https://www.twilio.com/docs/api/errors/30003>.
    pub fn tell(&self, message: i64, act: Act) -> Result<Telling, Untold> {
        let (status, error) = match act {
            Act::Delivered => ("delivered", None),
            Act::Failed => ("undelivered", Some(30_003)),
            Act::Read | Act::Bounced | Act::Complained => return Err(Untold::NotOfTheKind),
        };
        let _: Sent = self.0.outbox.remembered(NAME, message)?.ok_or(Untold::NotCarried)?;
        let (url, callback) = self.callback(&sid(message), status, error).ok_or(Untold::NoAddress)?;
        Ok(Telling { url, callback })
    }

    /// The call by which it tells that the receiver of a message wrote to its sender; `nth` tells one answer from another.
    /// It goes where Twilio was asked to tell of that message, as the number's own address is the same without its query.
    pub fn answer(&self, message: i64, nth: i64, text: &str) -> Result<Telling, Untold> {
        let Sent { from, to, callback } = self.0.outbox.remembered(NAME, message)?.ok_or(Untold::NotCarried)?;
        let (Inner { account, token, .. }, callback) = (&*self.0, callback.ok_or(Untold::NoAddress)?);
        let url = callback.split_once('?').map_or(callback.as_str(), |(url, _)| url).to_owned();
        // Apart from the ids of messages that were sent.
        let sid = format!("SM{:032x}", 1_u128 << 127 | u128::from(nth.unsigned_abs()));
        let service = Some(from.as_str()).filter(|from| from.starts_with("MG"));
        let mut form = Serializer::new(String::new());
        form.append_pair("AccountSid", account).append_pair("ApiVersion", VERSION).append_pair("Body", text);
        form.append_pair("From", &to).append_pair("MessageSid", &sid);
        if let Some(service) = service {
            form.append_pair("MessagingServiceSid", service);
        }
        form.append_pair("NumMedia", "0").append_pair("NumSegments", "1").append_pair("SmsMessageSid", &sid);
        form.append_pair("SmsSid", &sid).append_pair("SmsStatus", "received");
        form.append_pair("To", service.map_or(&from, |_| OF_A_SERVICE));
        let body = form.finish();
        let signature = sign(token, &url, body.as_bytes());
        Ok(Telling { url, callback: Callback::new(FORM, body).with("x-twilio-signature", &signature) })
    }
}

/// Twilio's id of a message, by its place in the outbox.
fn sid(message: i64) -> String {
    format!("SM{message:032x}")
}

impl Inner {
    fn create(&self, body: &[u8]) -> Result<Response, u32> {
        let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
        let field = |name: &str| fields.get(name).map(AsRef::as_ref).filter(|text: &&str| !text.is_empty());
        let to = field("To").ok_or(21_604_u32)?;
        let (from, service) = (field("From"), field("MessagingServiceSid"));
        let text = field("Body").ok_or(21_602_u32)?;
        let sender = from.or(service).ok_or(21_603_u32)?;
        if !is_e164(to) {
            return Err(21_211);
        }
        if text.chars().count() > MAX_TEXT {
            return Err(21_617);
        }
        if from.is_none() && !(sender.len() == 34 && sender.starts_with("MG")) {
            return Err(21_701);
        }
        let callback = field("StatusCallback");
        if callback.is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(21_609);
        }
        match (sender, to) {
            ("+15005550001", _) => return Err(21_212),
            ("+15005550007", _) => return Err(21_606),
            ("+15005550008", _) => return Err(21_611),
            (_, "+15005550001") => return Err(21_211),
            (_, "+15005550002") => return Err(21_612),
            (_, "+15005550003") => return Err(21_408),
            (_, "+15005550004") => return Err(21_610),
            (_, "+15005550009") => return Err(21_614),
            _ => {}
        }
        let draft = Draft {
            channel: "sms".to_owned(),
            from: sender.to_owned(),
            to: vec![to.to_owned()],
            subject: String::new(),
            raw: text.as_bytes().to_vec(),
        };
        let sent = Sent { from: sender.to_owned(), to: to.to_owned(), callback: callback.map(str::to_owned) };
        let sid = sid(self.outbox.carry(NAME, &sent, &draft).map_err(|_| 20_500_u32)?);
        let answer = json!({
            "account_sid": self.account,
            "api_version": VERSION,
            "body": text,
            "date_created": null,
            "direction": "outbound-api",
            "error_code": null,
            "error_message": null,
            "from": from,
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": if service.is_some() { "0" } else { "1" },
            "price": null,
            "sid": sid,
            "status": if service.is_some() { "accepted" } else { "queued" },
            "to": to,
            "uri": format!("/{VERSION}/Accounts/{}/Messages/{sid}.json", self.account),
        });
        Ok(provider::json(201, &answer))
    }
}

impl Provider for Inner {
    fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    fn take(&self, request: &Parts, body: &[u8]) -> Response {
        let login = STANDARD.encode(format!("{}:{}", self.account, self.token));
        if header_of(request, "authorization") != format!("Basic {login}") {
            return self.failure(20_003);
        }
        if request.uri.path() != format!("/{VERSION}/Accounts/{}/Messages.json", self.account) {
            return self.failure(20_404);
        }
        if request.method != Method::POST || !is_of(request, FORM) {
            return self.failure(20_001);
        }
        self.create(body).unwrap_or_else(|code| self.failure(code))
    }

    /// <https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions>
    fn failure(&self, code: u32) -> Response {
        let status = match code {
            20_003 => 401,
            20_404 => 404,
            20_429 => 429,
            20_500 => 500,
            _ => 400,
        };
        let body = json!({
            "code": code,
            "message": format!("The request failed with {code}"),
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status,
        });
        provider::json(status, &body)
    }
}

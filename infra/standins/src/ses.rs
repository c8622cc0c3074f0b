//! SES: one operation, `SendRawEmail`, whose messages go to the outbox.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_parser::{Address, Message, MessageParser};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::faults::Service;
use crate::outbox::Draft;
use crate::sns::Sns;
use crate::{Act, BACKOFF, Error, Fault, Faults, Outbox, Setup, Sqs, Telling, Untold, credentials, http as wire};

const NAME: &str = "ses";
const XML: &str = "text/xml";
/// What configuration sets publish comes so many seconds later, through a topic and a queue.
const LATER: u32 = 1;

/// SES for tests and for the local platform. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct Ses(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    outbox: Outbox,
    faults: Faults,
    /// The queues, and the URL of the one that hears what configuration sets publish.
    published: OnceLock<(Sqs, String)>,
}

/// A mail that was taken.
#[derive(Serialize, Deserialize)]
struct Sent {
    /// The access key that it was sent with.
    account: String,
    /// What it was tagged with, where a configuration set says that its events are published.
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
}

impl Ses {
    /// SES over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup) -> Self {
        Self(Arc::new(Inner { outbox, faults: setup.faults.clone(), published: OnceLock::new() }))
    }

    /// The ordinary SDK client, with the outbox in place of the network.
    pub fn client(&self) -> aws_sdk_ses::Client {
        let config = aws_sdk_ses::Config::builder()
            .region(Region::from_static(credentials::REGION))
            .endpoint_url("http://email.localhost")
            .credentials_provider(credentials::credentials())
            .http_client(wire::client_of(&self.0))
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        aws_sdk_ses::Client::from_conf(config)
    }

    /// Where the messages went.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// From now on that SES has a mail of the platform's own account comes into this queue of these, where a configuration set
    /// says that its events are published.
    pub fn publish_into(&self, queues: &Sqs, url: &str) {
        // The first queue stays.
        let _ = self.0.published.set((queues.clone(), url.to_owned()));
    }

    /// What SES tells of mails.
    pub const ACTS: &[Act] = &[Act::Delivered, Act::Bounced, Act::Complained];

    /// From now on what becomes of the mails of an account, by its access key, is told at this address, which subscribed to
    /// the account's topic.
    pub fn call_at(&self, account: &str, url: &str) -> Result<(), Error> {
        self.0.outbox.call_at(NAME, account, url)
    }

    /// The access key that a mail was sent with, by its place in the outbox: the platform's own, or an organization's.
    pub fn account_of(&self, message: i64) -> Result<Option<String>, Error> {
        Ok(self.0.outbox.remembered::<Sent>(NAME, message)?.map(|sent| sent.account))
    }

    /// The call by which its topic brings what a mail's receiver answers, in these words.
    pub fn answer(&self, topic: &Sns, message: i64, nth: i64, words: &str) -> Result<Telling, Untold> {
        let outbox = &self.0.outbox;
        let account = self.account_of(message)?.ok_or(Untold::NotCarried)?;
        let mail = outbox.message(message)?.ok_or(Untold::NotCarried)?;
        let url = outbox.called_at(NAME, &account)?.ok_or(Untold::NoAddress)?;
        let (id, to) = (mail_id(message), mail.to.first().map_or("", String::as_str));
        let line = |text: &str| text.replace(['\r', '\n'], " ");
        let raw = format!(
            "From: <{}>\r\nTo: <{}>\r\nSubject: Re: {}\r\nIn-Reply-To: <{id}@email.amazonses.com>\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n",
            line(to),
            line(&mail.from),
            line(&mail.subject),
        );
        let callback = topic.received(&format!("answer-{nth}"), to, &raw)?;
        Ok(Telling { url, callback })
    }

    /// What a mail's configuration set publishes of what became of it, by its place in the outbox:
    /// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>. Refused for one that was sent
    /// without.
    pub fn event(&self, message: i64, act: Act) -> Result<String, Untold> {
        self.0.event(message, |to| {
            Ok(match act {
                Act::Delivered => ("Delivery", json!({"recipients": [to], "smtpResponse": "250 ok"})),
                Act::Bounced => {
                    let recipient = json!({"emailAddress": to, "action": "failed", "status": "5.1.1"});
                    let more = json!({"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "1",
                        "bouncedRecipients": [recipient]});
                    ("Bounce", more)
                }
                Act::Complained => {
                    let more = json!({"complainedRecipients": [{"emailAddress": to}], "complaintFeedbackType": "abuse",
                        "feedbackId": "1"});
                    ("Complaint", more)
                }
                Act::Read | Act::Failed => return Err(Untold::NotOfTheKind),
            })
        })
    }

    /// The call by which its topic tells what became of a mail, by its place in the outbox: as its configuration set publishes
    /// it, where it was sent with one.
    pub fn tell(&self, topic: &Sns, message: i64, act: Act) -> Result<Telling, Untold> {
        let outbox = &self.0.outbox;
        let account = self.account_of(message)?.ok_or(Untold::NotCarried)?;
        let mail = outbox.message(message)?.ok_or(Untold::NotCarried)?;
        let url = outbox.called_at(NAME, &account)?.ok_or(Untold::NoAddress)?;
        let (id, to) = (mail_id(message), mail.to.first().map_or("", String::as_str));
        let callback = match self.event(message, act) {
            Ok(event) => topic.published(&event)?,
            Err(Untold::NoAddress) => match act {
                Act::Delivered => topic.delivered(&id, to)?,
                Act::Bounced => topic.bounced(&id, to, "Permanent")?,
                Act::Complained => topic.complained(&id, to)?,
                Act::Read | Act::Failed => return Err(Untold::NotOfTheKind),
            },
            Err(untold) => return Err(untold),
        };
        Ok(Telling { url, callback })
    }
}

/// SES's id of a mail, by its place in the outbox.
fn mail_id(message: i64) -> String {
    format!("{message:016}")
}

/// The access key of a signed request: `AWS4-HMAC-SHA256 Credential={key}/{date}/{region}/…`.
fn account(request: &HttpRequest) -> String {
    let signed = request.headers().get("authorization").unwrap_or_default();
    let key = signed.split_once("Credential=").and_then(|(_, rest)| rest.split_once('/'));
    key.map(|(key, _)| key.to_owned()).unwrap_or_default()
}

impl Inner {
    /// What a configuration set publishes of a mail, by its place in the outbox: an event of this kind, which is also the name
    /// of what it holds more.
    fn event(
        &self,
        message: i64,
        what: impl FnOnce(&str) -> Result<(&'static str, Value), Untold>,
    ) -> Result<String, Untold> {
        let sent: Sent = self.outbox.remembered(NAME, message)?.ok_or(Untold::NotCarried)?;
        let mail = self.outbox.message(message)?.ok_or(Untold::NotCarried)?;
        let tags = sent.tags.ok_or(Untold::NoAddress)?;
        let (to, at) = (mail.to.first().map_or("", String::as_str), Timestamp::from_millisecond(mail.at));
        let at = at.unwrap_or_default().to_string();
        let (kind, more) = what(to)?;
        let tags: BTreeMap<String, [String; 1]> = tags.into_iter().map(|(name, value)| (name, [value])).collect();
        let mail = json!({"timestamp": at, "messageId": mail_id(message), "source": mail.from, "destination": [to],
            "tags": tags});
        Ok(json!({"eventType": kind, "mail": mail, kind.to_ascii_lowercase(): more}).to_string())
    }

    /// Publishes that it has a mail, where somebody listens and a configuration set says so.
    async fn publish(&self, message: i64) {
        let Some((queues, url)) = self.published.get() else { return };
        let put = match self.event(message, |_| Ok(("Send", json!({})))) {
            Ok(event) => queues.put(url, &event, LATER).await,
            // It is sent without a word of it.
            Err(Untold::NoAddress) => return,
            Err(Untold::Broken(error)) => Err(error),
            Err(untold) => return tracing::warn!(message, %untold, "nothing is published of a mail"),
        };
        if let Err(error) = put {
            tracing::warn!(message, %error, "nothing is published of a mail");
        }
    }

    /// The place in the outbox of what was taken, or why nothing was.
    fn send(&self, account: String, form: &[u8]) -> Result<i64, Refused> {
        let mut request = Request::default();
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "Action" => request.action = value.into_owned(),
                "Source" => request.source = Some(value.into_owned()),
                "RawMessage.Data" => request.data = value.into_owned(),
                "ConfigurationSetName" => request.publishes = true,
                name if name.starts_with("Destinations.member.") => {
                    request.destinations.push(value.into_owned());
                }
                name if name.starts_with("Tags.member.") && name.ends_with(".Name") => {
                    request.tags.push((value.into_owned(), String::new()));
                }
                name if name.starts_with("Tags.member.") && name.ends_with(".Value") => {
                    if let Some((_, told)) = request.tags.last_mut() {
                        *told = value.into_owned();
                    }
                }
                _ => {}
            }
        }
        if request.action != "SendRawEmail" {
            return Err(Refused::new(400, "InvalidAction", "only SendRawEmail stands in here"));
        }
        let tags = request.publishes.then(|| request.tags.iter().cloned().collect());
        let draft = request.draft().map_err(|why| Refused::new(400, "InvalidParameterValue", why))?;
        let carried = self.outbox.carry(NAME, &Sent { account, tags }, &draft);
        carried.map_err(|error| Refused::new(500, "InternalFailure", error.to_string()))
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let fault = self.faults.next(Service::Ses, "SendRawEmail", true, applies)?;
        let response = if fault == Some(Fault::Throttled) {
            Refused::new(400, "Throttling", "Maximum sending rate exceeded.").answer()
        } else {
            let account = account(&request);
            let is_the_platforms = account == credentials::ACCESS_KEY;
            match self.send(account, request.body().bytes().unwrap_or_default()) {
                Ok(message) => {
                    if is_the_platforms {
                        self.publish(message).await;
                    }
                    taken(message)
                }
                Err(refused) => refused.answer(),
            }
        };
        self.faults.finish(fault, response)
    }
}

#[derive(Default)]
struct Request {
    action: String,
    source: Option<String>,
    destinations: Vec<String>,
    data: String,
    /// In their order.
    tags: Vec<(String, String)>,
    /// Whether a configuration set says that its events are published.
    publishes: bool,
}

impl Request {
    /// The envelope comes from the call where it says so, else from the message's own headers, as with SES.
    fn draft(self) -> Result<Draft, &'static str> {
        let Self { action: _, source, destinations, data, tags: _, publishes: _ } = self;
        let raw = STANDARD.decode(data).map_err(|_| "RawMessage.Data is not base64")?;
        let message = MessageParser::default().parse(&raw).ok_or("RawMessage.Data is not a message")?;
        let from = source.or_else(|| addresses(message.from()).into_iter().next()).ok_or("no sender")?;
        let to = if destinations.is_empty() { recipients(&message) } else { destinations };
        if to.is_empty() {
            return Err("no recipient");
        }
        let subject = message.subject().unwrap_or_default().to_owned();
        Ok(Draft { channel: "email".to_owned(), from, to, subject, raw })
    }
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    [message.to(), message.cc(), message.bcc()].into_iter().flat_map(addresses).collect()
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let addresses = header.into_iter().flat_map(Address::iter);
    addresses.filter_map(|address| address.address()).map(str::to_owned).collect()
}

fn taken(message: i64) -> HttpResponse {
    let body = format!(
        "<SendRawEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><SendRawEmailResult>\
         <MessageId>{}</MessageId></SendRawEmailResult>\
         <ResponseMetadata><RequestId>{message}</RequestId></ResponseMetadata></SendRawEmailResponse>",
        mail_id(message)
    );
    wire::response(200, XML, body)
}

/// Why a call is refused: a status, a code and words.
struct Refused(u16, &'static str, String);

impl Refused {
    fn new(status: u16, code: &'static str, words: impl Into<String>) -> Self {
        Self(status, code, words.into())
    }

    fn answer(&self) -> HttpResponse {
        let Self(status, code, words) = self;
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        let body = format!(
            "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{words}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
        );
        wire::response(*status, XML, body)
    }
}

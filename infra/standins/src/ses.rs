//! SES: one operation, `SendRawEmail`, whose messages go to the outbox.

use std::sync::Arc;

use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Address, Message, MessageParser};

use crate::faults::Service;
use crate::outbox::Draft;
use crate::{BACKOFF, Fault, Faults, Outbox, Setup, credentials, http as wire};

const XML: &str = "text/xml";

/// SES for tests and for the local platform. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct Ses(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    outbox: Outbox,
    faults: Faults,
}

impl Ses {
    /// SES over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup) -> Self {
        Self(Arc::new(Inner { outbox, faults: setup.faults.clone() }))
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
}

impl Inner {
    fn send(&self, form: &[u8]) -> HttpResponse {
        let mut request = Request::default();
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "Action" => request.action = value.into_owned(),
                "Source" => request.source = Some(value.into_owned()),
                "RawMessage.Data" => request.data = value.into_owned(),
                name if name.starts_with("Destinations.member.") => {
                    request.destinations.push(value.into_owned());
                }
                _ => {}
            }
        }
        if request.action != "SendRawEmail" {
            return refusal(400, "InvalidAction", "only SendRawEmail stands in here");
        }
        let draft = match request.draft() {
            Ok(draft) => draft,
            Err(why) => return refusal(400, "InvalidParameterValue", why),
        };
        match self.outbox.keep(&draft) {
            Ok(id) => wire::response(
                200,
                XML,
                format!(
                    "<SendRawEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><SendRawEmailResult>\
                     <MessageId>{id:016}</MessageId></SendRawEmailResult>\
                     <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></SendRawEmailResponse>"
                ),
            ),
            Err(error) => refusal(500, "InternalFailure", &error.to_string()),
        }
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let fault = self.faults.next(Service::Ses, "SendRawEmail", true, applies)?;
        let response = if fault == Some(Fault::Throttled) {
            refusal(400, "Throttling", "Maximum sending rate exceeded.")
        } else {
            self.send(request.body().bytes().unwrap_or_default())
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
}

impl Request {
    /// The envelope comes from the call where it says so, else from the message's own headers, as with SES.
    fn draft(self) -> Result<Draft, &'static str> {
        let Self { action: _, source, destinations, data } = self;
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

fn refusal(status: u16, code: &str, message: &str) -> HttpResponse {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    );
    wire::response(status, XML, body)
}

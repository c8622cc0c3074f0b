//! API Gateway's management of open WebSocket connections.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::faults::Service;
use crate::{BACKOFF, Fault, Faults, Setup, credentials, http as wire};

/// Frames that wait for one connection before it counts as slow.
const WAITING: usize = 1_024;
/// The largest message.
const MESSAGE_LIMIT: usize = 128 * 1024;
const JSON: &str = "application/json";

/// The open connections of a WebSocket API. Clones share them.
#[derive(Clone, Debug)]
pub struct Sockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<HashMap<String, Sender<Outgoing>>>,
    faults: Faults,
}

/// What is sent to the other side of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message.
    Text(Bytes),
    /// The end.
    Close,
}

impl Sockets {
    /// Without a connection.
    pub fn new(setup: &Setup) -> Self {
        Self(Arc::new(Inner { open: Mutex::default(), faults: setup.faults.clone() }))
    }

    /// The ordinary SDK client, with these connections in place of the network.
    pub fn client(&self) -> aws_sdk_apigatewaymanagement::Client {
        let config = aws_sdk_apigatewaymanagement::Config::builder()
            .region(Region::from_static(credentials::REGION))
            .endpoint_url("http://sockets.localhost/v1")
            .credentials_provider(credentials::credentials())
            .http_client(wire::client_of(&self.0))
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        aws_sdk_apigatewaymanagement::Client::from_conf(config)
    }

    /// Opens a connection of this id. What is sent to it comes out here.
    pub fn open(&self, id: &str) -> Receiver<Outgoing> {
        let (sender, receiver) = channel(WAITING);
        self.0.lock().insert(id.to_owned(), sender);
        receiver
    }

    /// Sends something to the other side, as the gateway itself does; whether it is still there and takes it.
    pub fn send(&self, id: &str, what: Outgoing) -> bool {
        self.0.lock().get(id).is_some_and(|connection| connection.try_send(what).is_ok())
    }

    /// The other side has gone.
    pub fn gone(&self, id: &str) {
        self.0.lock().remove(id);
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Sender<Outgoing>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, id: &str, what: Outgoing) -> HttpResponse {
        let mut open = self.lock();
        let sent = match open.get(id) {
            Some(connection) => connection.try_send(what),
            None => return refusal(410, "GoneException"),
        };
        match sent {
            Ok(()) => wire::response(200, JSON, ""),
            Err(TrySendError::Full(Outgoing::Text(_))) => refusal(429, "LimitExceededException"),
            // Nobody waits for the last word of a connection that takes none.
            Err(TrySendError::Full(Outgoing::Close) | TrySendError::Closed(_)) => {
                open.remove(id);
                refusal(410, "GoneException")
            }
        }
    }

    fn manage(&self, method: &str, id: &str, body: &[u8]) -> HttpResponse {
        match method {
            "POST" if body.len() > MESSAGE_LIMIT => refusal(413, "PayloadTooLargeException"),
            "POST" => self.send(id, Outgoing::Text(Bytes::copy_from_slice(body))),
            "DELETE" => {
                let answer = self.send(id, Outgoing::Close);
                self.lock().remove(id);
                answer
            }
            _ if self.lock().contains_key(id) => wire::response(200, JSON, "{}"),
            _ => refusal(410, "GoneException"),
        }
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let path = request.uri().split('?').next().unwrap_or_default();
        let (_, id) = path.rsplit_once('/').unwrap_or_default();
        let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
        let operation = match request.method() {
            "POST" => "PostToConnection",
            "DELETE" => "DeleteConnection",
            _ => "GetConnection",
        };
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let fault = self.faults.next(Service::Sockets, operation, operation != "GetConnection", applies)?;
        let response = if fault == Some(Fault::Throttled) {
            refusal(429, "TooManyRequestsException")
        } else {
            self.manage(request.method(), &id, request.body().bytes().unwrap_or_default())
        };
        self.faults.finish(fault, response)
    }
}

fn refusal(status: u16, code: &'static str) -> HttpResponse {
    let mut response = wire::response(status, JSON, format!("{{\"message\":\"{code}\"}}"));
    response.headers_mut().insert("x-amzn-errortype", code);
    response
}

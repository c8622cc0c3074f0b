//! The WebSocket API: connections are held here, what happens on them becomes events, and what the management API is
//! asked to send comes out of the [stand-in](standins::Sockets).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use jiff::SignedDuration;
use runtime::Clock as _;
use serde_json::{Value, json};
use sockets::SocketAnswer;
use standins::Sockets;
use standins::sockets::Outgoing;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::answer::{AnswerBody, refusal};
use super::socket_event::{Happened, Peer, event};
use crate::MovableClock;
use crate::functions::SocketWorker;
use crate::invoke;
use crate::stop::Stop;
use crate::template::{Function, Template};

/// The largest message and the largest frame that API Gateway takes.
const MESSAGE_LIMIT: usize = 128 * 1024;
const FRAME_LIMIT: usize = 32 * 1024;
/// What clients say is short, and the whole buffer is filled with zeros before each read.
const READ_BUFFER: usize = 4 * 1024;
/// A connection on which the other side says nothing ends after this time, and any after two hours.
const IDLE: SignedDuration = SignedDuration::from_mins(10);
const LONGEST: SignedDuration = SignedDuration::from_hours(2);
/// API Gateway gives up here, whatever the function's own timeout.
const GIVES_UP: Duration = Duration::from_secs(29);
/// How long a stop waits for connections to end.
const GRACE: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// The WebSocket API of one platform.
pub(super) struct SocketGateway {
    stage: Option<String>,
    routes: RwLock<HashMap<String, Target>>,
    clock: MovableClock,
    salt: u64,
    numbers: AtomicU64,
    open: Sockets,
    stop: Stop,
}

/// Where a route leads.
#[derive(Clone)]
struct Target {
    worker: SocketWorker,
    timeout: Duration,
    answers: bool,
}

/// Why a connection ended.
struct Ended(CloseCode, &'static str);

impl std::fmt::Debug for SocketGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketGateway").field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl SocketGateway {
    pub(super) fn new(template: &Template, clock: &MovableClock, salt: u64, open: &Sockets, stop: &Stop) -> Self {
        Self {
            stage: template.socket_stage.clone(),
            routes: RwLock::default(),
            clock: clock.clone(),
            salt,
            numbers: AtomicU64::new(0),
            open: open.clone(),
            stop: stop.clone(),
        }
    }

    pub(super) fn add(&self, function: &Function, worker: &SocketWorker) {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        for route in &function.sockets {
            let (worker, timeout) = (Arc::clone(worker), function.timeout.min(GIVES_UP));
            routes.insert(route.key.clone(), Target { worker, timeout, answers: route.answers });
        }
    }

    fn target(&self, route: &str) -> Option<Target> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).get(route).cloned()
    }

    /// Whether it asks for a connection, at the stage's own address.
    pub(super) fn is_asked<B>(&self, request: &Request<B>) -> bool {
        let path = request.uri().path().trim_matches('/');
        let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
        self.stage.as_deref() == Some(path) && upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    }

    /// Asks the function, and opens the connection if it answers 200.
    pub(super) async fn connect<B>(self: Arc<Self>, mut request: Request<B>, from: SocketAddr) -> Response<AnswerBody> {
        let headers = request.headers();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let version = text(header::SEC_WEBSOCKET_VERSION);
        let Some(key) = text(header::SEC_WEBSOCKET_KEY).filter(|_| version.as_deref() == Some("13")) else {
            return refusal(StatusCode::BAD_REQUEST);
        };
        let peer = Peer {
            id: self.id(),
            at: self.clock.now(),
            address: from.ip(),
            agent: text(header::USER_AGENT),
            host: text(header::HOST).unwrap_or_else(|| "localhost".to_owned()),
        };
        let happened =
            Happened::Connect { headers: headers.clone(), query: request.uri().query().unwrap_or_default().to_owned() };
        match self.call(&peer, "$connect", happened).await {
            Some(SocketAnswer { status_code: 200..300, .. }) => {}
            Some(SocketAnswer { status_code, .. }) => {
                return refusal(StatusCode::from_u16(status_code).unwrap_or(StatusCode::BAD_GATEWAY));
            }
            None => return refusal(StatusCode::BAD_GATEWAY),
        }
        let upgrade = hyper::upgrade::on(&mut request);
        let outgoing = self.open.open(&peer.id);
        tokio::spawn(self.serve(upgrade, peer, outgoing));
        let mut answer = Response::new(Either::Left(Full::new(Bytes::new())));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        answer
    }

    /// An id as API Gateway's look: 16 characters, the last of which is a padding.
    fn id(&self) -> String {
        let mut bytes = [0; 11];
        bytes[..3].copy_from_slice(&self.salt.to_be_bytes()[..3]);
        bytes[3..].copy_from_slice(&self.number().to_be_bytes());
        URL_SAFE.encode(bytes)
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    async fn call(&self, peer: &Peer, route: &str, happened: Happened) -> Option<SocketAnswer> {
        let Target { worker, timeout, .. } = self.target(route)?;
        let number = u128::from(self.salt) << 64 | u128::from(self.number());
        let stage = self.stage.as_deref().unwrap_or_default();
        let event = event(peer, route, stage, number, self.clock.now(), happened);
        match invoke::call(timeout, worker(event)).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::error!(%error, route, "a connection's function");
                None
            }
        }
    }

    async fn serve(self: Arc<Self>, upgrade: OnUpgrade, peer: Peer, outgoing: Receiver<Outgoing>) {
        let ended = match upgrade.await {
            Ok(upgraded) => {
                let config =
                    WebSocketConfig::default().max_message_size(Some(MESSAGE_LIMIT)).max_frame_size(Some(FRAME_LIMIT));
                let config = config.read_buffer_size(READ_BUFFER);
                let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
                self.hold(socket, &peer, outgoing).await
            }
            Err(error) => {
                tracing::debug!(%error, "upgrade");
                Ended(CloseCode::Abnormal, "the connection broke off")
            }
        };
        self.open.gone(&peer.id);
        let Ended(code, reason) = ended;
        let happened = Happened::Disconnect { code: code.into(), reason: reason.to_owned() };
        self.call(&peer, "$disconnect", happened).await;
    }

    /// Holds a connection until one side ends it.
    async fn hold(self: &Arc<Self>, mut socket: Socket, peer: &Peer, mut outgoing: Receiver<Outgoing>) -> Ended {
        let (mut stop, mut moves) = (self.stop.clone(), self.clock.moves());
        let mut heard_at = peer.at;
        loop {
            let left = (heard_at + IDLE).min(peer.at + LONGEST).duration_since(self.clock.now());
            if left.is_zero() || left.is_negative() {
                return close(&mut socket, CloseCode::Away, "Going away").await;
            }
            tokio::select! {
                () = stop.told() => return close(&mut socket, CloseCode::Away, "Going away").await,
                // An error means that the clock is gone; the stop is on its way.
                _ = moves.changed() => {}
                () = tokio::time::sleep(left.unsigned_abs()) => {}
                sent = outgoing.recv() => {
                    if let Some(ended) = send(&mut socket, sent, &mut outgoing).await {
                        return ended;
                    }
                }
                said = socket.next() => match said {
                    Some(Ok(Message::Text(text))) => {
                        heard_at = self.clock.now();
                        tokio::spawn(Arc::clone(self).answer(peer.clone(), text.as_str().to_owned()));
                    }
                    Some(Ok(Message::Binary(_))) => {
                        return close(&mut socket, CloseCode::Unsupported, "Binary messages are not taken").await;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(_))) | None => {
                        return Ended(CloseCode::Normal, "Connection Closed Normally");
                    }
                    Some(Err(Error::Capacity(_))) => {
                        return close(&mut socket, CloseCode::Size, "The message is too large").await;
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, "connection");
                        return Ended(CloseCode::Abnormal, "the connection broke off");
                    }
                },
            }
        }
    }

    /// Has a message answered, as AWS does: those of one connection at the same time.
    async fn answer(self: Arc<Self>, peer: Peer, text: String) {
        let action =
            serde_json::from_str::<Value>(&text).ok().and_then(|body| Some(body["action"].as_str()?.to_owned()));
        let route = action.filter(|action| !action.starts_with('$') && self.target(action).is_some());
        let route = route.as_deref().unwrap_or("$default");
        let Some(answers) = self.target(route).map(|target| target.answers) else { return };
        let body = match self.call(&peer, route, Happened::Message(text)).await {
            Some(SocketAnswer { status_code: 200..300, body }) if answers => body,
            Some(SocketAnswer { status_code: 200..300, .. }) => None,
            _ => {
                let failed = json!({"message": "Internal server error", "connectionId": peer.id});
                Some(failed.to_string())
            }
        };
        if let Some(body) = body
            && !self.open.send(&peer.id, Outgoing::Text(body.into()))
        {
            tracing::debug!(connection = peer.id, "nobody waits for the answer");
        }
    }

    pub(super) async fn hang_up(&self) {
        let deadline = tokio::time::Instant::now() + GRACE;
        while !self.open.is_empty() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Sends what waits, in one go.
async fn send(socket: &mut Socket, first: Option<Outgoing>, outgoing: &mut Receiver<Outgoing>) -> Option<Ended> {
    let mut next = first;
    loop {
        match next {
            Some(Outgoing::Text(text)) => {
                let Ok(text) = Utf8Bytes::try_from(text) else {
                    return Some(close(socket, CloseCode::Unsupported, "Binary messages are not sent").await);
                };
                if socket.feed(Message::Text(text)).await.is_err() {
                    return Some(Ended(CloseCode::Abnormal, "the connection broke off"));
                }
            }
            Some(Outgoing::Close) | None => return Some(close(socket, CloseCode::Normal, "Connection Closed").await),
        }
        match outgoing.try_recv() {
            Ok(more) => next = Some(more),
            Err(_) => {
                let flushed = socket.flush().await;
                return flushed.err().map(|_| Ended(CloseCode::Abnormal, "the connection broke off"));
            }
        }
    }
}

/// Tells the other side why it ends, if it still listens.
async fn close(socket: &mut Socket, code: CloseCode, reason: &'static str) -> Ended {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    if let Err(error) = socket.close(Some(frame)).await {
        tracing::debug!(%error, "close");
    }
    Ended(code, reason)
}

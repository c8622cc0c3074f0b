//! API Gateway: requests become events, events become requests of the function's router, as on AWS.
//!
//! The event is made as `lambda_http`'s own type and goes through its conversions on both ways; only its passage
//! through JSON text is left out, and `tests/events.rs` shows that it would change nothing.

mod answer;
pub mod event;
pub mod path;
pub mod routes;
mod socket_event;
mod sockets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;
use lambda_http::request::LambdaRequest;
use lambda_http::{Context, IntoResponse as _, RequestExt as _};
use runtime::Clock as _;
use tower::ServiceExt as _;

pub use answer::AnswerBody;
pub(crate) use answer::refusal;

use crate::MovableClock;
use crate::functions::SocketWorker;
use crate::invoke;
use crate::stop::Stop;
use crate::template::{Function, Template, account};
use event::Arrival;
use path::ApiPath;
use routes::{RouteError, Routes};
use sockets::SocketGateway;

/// The largest body API Gateway takes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// The longest event a function takes and the longest answer it gives.
const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;
/// The longest request line and headers together.
const HEAD_LIMIT: usize = 10_240;
/// API Gateway gives up here, whatever the function's own timeout.
const GIVES_UP: Duration = Duration::from_secs(30);

/// A function with an HTTP router.
#[derive(Debug)]
struct Target {
    router: Router,
    arn: String,
    timeout: Duration,
}

/// The API of one platform.
#[derive(Debug)]
pub(crate) struct Gateway {
    routes: Routes<Arc<Target>>,
    stage: String,
    clock: MovableClock,
    /// What tells this process's requests from another's.
    salt: u64,
    requests: AtomicU64,
    sockets: Arc<SocketGateway>,
}

impl Gateway {
    pub(crate) fn new(
        template: &Template,
        clock: &MovableClock,
        salt: u64,
        connections: &standins::Sockets,
        stop: &Stop,
    ) -> Self {
        Self {
            routes: Routes::default(),
            stage: template.stage.clone(),
            clock: clock.clone(),
            salt,
            requests: AtomicU64::new(0),
            sockets: Arc::new(SocketGateway::new(template, clock, salt, connections, stop)),
        }
    }

    /// Adds the routes of the WebSocket API that lead to a function.
    pub(crate) fn add_sockets(&self, function: &Function, worker: &SocketWorker) {
        self.sockets.add(function, worker);
    }

    /// Whether a request wants to open a connection of the WebSocket API.
    pub(crate) fn is_socket<B>(&self, request: &Request<B>) -> bool {
        self.sockets.is_asked(request)
    }

    /// Opens a connection of the WebSocket API, if its function lets it.
    pub(crate) async fn connect<B>(&self, request: Request<B>, peer: SocketAddr) -> Response<AnswerBody> {
        Arc::clone(&self.sockets).connect(request, peer).await
    }

    /// Waits until no connection is open any more, some seconds at most.
    pub(crate) async fn hang_up(&self) {
        self.sockets.hang_up().await;
    }

    /// Adds a function's routes.
    pub(crate) fn add(&mut self, function: &Function, router: Router) -> Result<(), RouteError> {
        let target = Arc::new(Target {
            router,
            arn: account::arn("lambda", &format!("function:{}", account::name(&function.id))),
            timeout: function.timeout.min(GIVES_UP),
        });
        function.routes.iter().try_for_each(|route| self.routes.add(route, Arc::clone(&target)))
    }

    /// The path a request has in the API; `None` if it leads somewhere else.
    pub(crate) fn path(&self, raw: &str) -> Result<Option<ApiPath>, path::NotText> {
        ApiPath::read(raw, &self.stage)
    }

    /// Answers a request of the API.
    pub(crate) async fn answer<B>(
        &self,
        request: Request<B>,
        path: ApiPath,
        peer: SocketAddr,
        port: u16,
    ) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let (parts, body) = request.into_parts();
        if head_length(&parts.uri, &parts.headers) > HEAD_LIMIT {
            return refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        if !parts.headers.get(header::HOST).is_none_or(|host| host.to_str().is_ok_and(is_host)) {
            return refusal(StatusCode::BAD_REQUEST);
        }
        let Some(matched) = self.routes.find(&parts.method, path.route()) else {
            return refusal(StatusCode::NOT_FOUND);
        };
        let body = match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return refusal(StatusCode::PAYLOAD_TOO_LARGE);
            }
            Err(_) => return refusal(StatusCode::BAD_REQUEST),
        };
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let id = u128::from(self.salt) << 64 | u128::from(number);
        let arrival = Arrival { peer: peer.ip(), port, id, at: self.clock.now() };
        let event = event::event(parts, &body, path, &self.stage, &matched, &arrival);
        if event::length(&event) > PAYLOAD_LIMIT {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let request_id = arrival.request_id();
        let target = Arc::clone(matched.to);
        match self.call(target, LambdaRequest::ApiGatewayV2(event), &request_id).await {
            Ok(from) => answer::answer(from, &request_id, PAYLOAD_LIMIT)
                .unwrap_or_else(|| refusal(StatusCode::INTERNAL_SERVER_ERROR)),
            Err(invoke::Failure::TimedOut(_)) => refusal(StatusCode::SERVICE_UNAVAILABLE),
            Err(invoke::Failure::Crashed | invoke::Failure::Error(_)) => refusal(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    async fn call(
        &self,
        target: Arc<Target>,
        event: LambdaRequest,
        request_id: &str,
    ) -> Result<Response<lambda_http::Body>, invoke::Failure> {
        let mut context = Context::default();
        request_id.clone_into(&mut context.request_id);
        target.arn.clone_into(&mut context.invoked_function_arn);
        let deadline = self.clock.now().as_millisecond().unsigned_abs();
        context.deadline = deadline.saturating_add(target.timeout.as_millis().try_into().unwrap_or(u64::MAX));
        let request = lambda_http::Request::from(event).with_lambda_context(context);
        let timeout = target.timeout;
        // In a task of its own, as a function of its own: a caller that hangs up does not stop it half-way.
        invoke::call(timeout, async move {
            let answered = target.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
            Ok(answered.into_response().await)
        })
        .await
    }
}

fn head_length(uri: &http::Uri, headers: &HeaderMap) -> usize {
    let line = uri.path_and_query().map_or(0, |line| line.as_str().len());
    headers.iter().fold(line, |length, (name, value)| length + name.as_str().len() + value.len() + 4)
}

/// Whether a `Host` header names a host as a URL may: `lambda_http` takes that for granted, because API Gateway
/// answers under its own names only.
fn is_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<http::uri::Authority>() else { return false };
    let port_is_good = authority.port_u16().is_some() || !text.contains(':') || text.ends_with(']');
    let host = authority.host();
    let unbracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_address = unbracketed.parse::<std::net::IpAddr>().is_ok();
    let plain =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_name = host.split('.').all(plain) && !host.to_ascii_lowercase().contains("xn--");
    let last_is_number =
        host.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_digit()));
    port_is_good && !text.contains('@') && (is_address || is_name && !last_is_number)
}

#[cfg(test)]
mod tests;

//! The client that looks where it goes.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{NotPublic, Reach, WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};

/// An answer takes at most so long, the connection included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// After its headers the beginning of a body takes at most so long: the status is the answer, the rest is for people.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// So much of a body is read.
const BODY: usize = 1_024;
/// Headers are so long at most, all together: an answer with more is none.
const HEADERS: usize = 64 * 1_024;
/// Headers of an answer that are kept.
const KEPT: [&str; 6] = ["content-type", "date", "retry-after", "server", "x-amzn-requestid", "x-request-id"];
const MAX_HEADER: usize = 200;
/// Connections that are kept for a provider, and for how long: less than anybody's front closes them after.
const KEPT_CONNECTIONS: usize = 4;
const KEPT_FOR: Duration = Duration::from_secs(20);

/// A client for addresses that people gave us: it asks those that its [`Reach`] has, and no others.
#[derive(Debug)]
pub(crate) struct GuardedClient {
    reach: Reach,
    timeout: Duration,
    client: Client<HttpsConnector<HttpConnector<GuardedNames>>, Full<Bytes>>,
}

impl GuardedClient {
    /// A client with the system's certificates.
    pub(crate) fn new(reach: Reach) -> std::io::Result<Self> {
        Self::over(reach, Arc::new(SystemNames))
    }

    /// One for the few hosts of providers, with a time of its own for an answer. It keeps connections, as what is asked again
    /// and again is one host; and what it sent on one that had been closed meanwhile, and so never left, it sends again.
    pub(crate) fn keeping(reach: Reach, timeout: Duration) -> std::io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT_FOR)
            .pool_max_idle_per_host(KEPT_CONNECTIONS)
            .retry_canceled_requests(true);
        Self::built(&mut builder, reach, Arc::new(SystemNames), timeout)
    }

    fn over(reach: Reach, names: Arc<dyn Names>) -> std::io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        // A connection that is kept was looked at once only.
        builder.pool_max_idle_per_host(0).retry_canceled_requests(false);
        Self::built(&mut builder, reach, names, TIMEOUT)
    }

    fn built(builder: &mut Builder, reach: Reach, names: Arc<dyn Names>, timeout: Duration) -> std::io::Result<Self> {
        let mut connector = HttpConnector::new_with_resolver(GuardedNames { reach, names });
        connector.enforce_http(false);
        // So that a machine that nobody reaches is told from one that does not answer.
        connector.set_connect_timeout(Some(timeout / 2));
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())?;
        let https = if reach.is_https_only() { https.https_only() } else { https.https_or_http() };
        let connector = https.enable_http1().wrap_connector(connector);
        Ok(Self { reach, timeout, client: builder.http1_max_buf_size(HEADERS).build(connector) })
    }

    /// Asks, and returns the head of the answer; of its body nothing is read yet.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, WebhookRefused> {
        self.reach.check(&request.uri().to_string()).map_err(|NotPublic| WebhookRefused::Forbidden)?;
        match tokio::time::timeout(self.timeout, self.client.request(request)).await {
            Err(_) => Err(WebhookRefused::TimedOut),
            Ok(Err(error)) if is_guards(&error) => Err(WebhookRefused::Forbidden),
            Ok(Err(error)) => {
                tracing::info!(%error, "a machine did not answer");
                Err(if error.is_connect() { WebhookRefused::Unreachable } else { WebhookRefused::BrokeOff })
            }
            Ok(Ok(answer)) => Ok(answer),
        }
    }
}

/// The addresses that a name leads to, all of which may be asked; for what is asked otherwise than over HTTP.
pub(crate) async fn look_up(reach: Reach, name: &str) -> Result<Vec<IpAddr>, WebhookRefused> {
    let found = SystemNames.look_up(name).await.map_err(|_| WebhookRefused::Unreachable)?;
    if found.iter().all(|address| reach.has(*address)) { Ok(found) } else { Err(WebhookRefused::Forbidden) }
}

/// Tells machines of the public internet, and others where its [`Reach`] has them.
#[derive(Debug)]
pub struct GuardedWebhooks(GuardedClient);

impl GuardedWebhooks {
    /// A client with the system's certificates.
    pub fn new(reach: Reach) -> std::io::Result<Self> {
        GuardedClient::new(reach).map(Self)
    }

    #[cfg(test)]
    pub(super) fn over(reach: Reach, names: Arc<dyn Names>) -> std::io::Result<Self> {
        GuardedClient::over(reach, names).map(Self)
    }

    fn request(call: &WebhookCall) -> Result<Request<Full<Bytes>>, http::Error> {
        let mut request = Request::post(call.url.as_str().parse::<Uri>()?);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if !call.signatures.is_empty() {
            request = request.header("webhook-signature", call.signatures.join(" "));
        }
        request
            .header("content-type", "application/json")
            .header("user-agent", "Sampark-Webhooks/1")
            .header("webhook-id", &call.id)
            .header("webhook-timestamp", call.at.as_second().to_string())
            .body(Full::new(Bytes::from(call.body.clone())))
    }
}

#[async_trait::async_trait]
impl WebhookCaller for GuardedWebhooks {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookRefused> {
        let request = Self::request(call).map_err(|_| WebhookRefused::Forbidden)?;
        let (parts, body) = self.0.send(request).await?.into_parts();
        Ok(WebhookAnswer { status: parts.status.as_u16(), headers: kept(&parts.headers), body: beginning(body).await })
    }
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |name: &&str| {
        let value: String = headers.get(*name)?.to_str().ok()?.chars().take(MAX_HEADER).collect();
        Some(((*name).to_owned(), value))
    };
    KEPT.iter().filter_map(text).collect()
}

/// The beginning of a body, as far as it comes in time. Dropping the rest ends the connection.
async fn beginning(mut body: impl BodyExt<Data = Bytes> + Unpin) -> String {
    let mut bytes = Vec::with_capacity(BODY);
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            if let Some(data) = frame.data_ref() {
                bytes.extend(data.iter().take(BODY - bytes.len()));
            }
            if bytes.len() >= BODY {
                return;
            }
        }
    };
    // Too slow: what has come is the beginning.
    let _ = tokio::time::timeout(BODY_TIMEOUT, reading).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_guards(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<NotPublic>() || error.source().is_some_and(is_guards)
}

/// Tells what a name leads to.
#[async_trait::async_trait]
pub(super) trait Names: std::fmt::Debug + Send + Sync {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug)]
struct SystemNames;

#[async_trait::async_trait]
impl Names for SystemNames {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Resolves names, and refuses those that lead to any address out of reach. The connection goes to what was looked at.
#[derive(Debug, Clone)]
struct GuardedNames {
    reach: Reach,
    names: Arc<dyn Names>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Looking = Pin<Box<dyn Future<Output = Result<std::vec::IntoIter<SocketAddr>, Failure>> + Send>>;

impl tower::Service<Name> for GuardedNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Failure;
    type Future = Looking;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Looking {
        let Self { reach, names } = self.clone();
        Box::pin(async move {
            let found = names.look_up(name.as_str()).await?;
            if found.iter().all(|address| reach.has(*address)) {
                let addresses: Vec<SocketAddr> = found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
                Ok(addresses.into_iter())
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

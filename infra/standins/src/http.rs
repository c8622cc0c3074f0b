//! The two doors of a stand-in: an SDK's HTTP client with no socket behind it, and a loopback listener.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

/// How long a listener that is told to stop waits for requests under way.
const GRACE: Duration = Duration::from_secs(5);

/// A service that answers what an SDK would have sent over the wire.
pub(crate) trait Answer: Debug + Send + Sync + 'static {
    fn answer(
        self: Arc<Self>,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, ConnectorError>> + Send;
}

#[derive(Debug)]
struct InProcess<A>(Arc<A>);

impl<A: Answer> HttpConnector for InProcess<A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            // Answers are ready at once, so a task that only makes calls would never let another run.
            tokio::task::coop::consume_budget().await;
            service.answer(request).await
        })
    }
}

pub(crate) fn client_of<A: Answer>(service: &Arc<A>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcess(Arc::clone(service)));
    http_client_fn(move |_, _| connector.clone())
}

/// An answer with a body of a known type.
pub(crate) fn response(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> HttpResponse {
    let status =
        StatusCode::try_from(status).unwrap_or_else(|_| StatusCode::from(http::StatusCode::INTERNAL_SERVER_ERROR));
    let mut response = HttpResponse::new(status, SdkBody::from(body.into()));
    response.headers_mut().insert("content-type", content_type);
    response
}

/// Serves HTTP/1.1 until `shutdown`, then lets requests under way finish.
pub(crate) async fn serve<B, F, H>(
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
    handle: H,
) -> std::io::Result<()>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    F: Future<Output = http::Response<B>> + Send + 'static,
    H: Fn(http::Request<Incoming>) -> F + Clone + Send + Sync + 'static,
{
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, _) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        stream.set_nodelay(true)?;
        let handle = handle.clone();
        let service = hyper::service::service_fn(move |request| {
            let answer = handle(request);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection");
            }
        });
    }
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way at shutdown");
    }
    Ok(())
}

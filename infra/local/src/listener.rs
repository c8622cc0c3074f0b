//! The listener, and what lies behind it.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body as PageBody;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Body;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::gateway::{AnswerBody, Gateway, refusal};
use crate::stop::Stop;

/// How long requests under way have when the platform stops: as long as a function may take.
const GRACE: Duration = Duration::from_secs(30);
/// A caller that does not finish its headers holds a connection no longer.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Callers at once.
const CONNECTIONS: u32 = 4_096;

/// The API and, beside it, the console.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) gateway: Gateway,
    pub(crate) console: Router,
    pub(crate) port: u16,
}

impl Front {
    /// Answers a request, whichever it is for.
    pub(crate) async fn answer<B>(&self, request: Request<B>, peer: SocketAddr) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        if self.gateway.is_socket(&request) {
            return self.gateway.connect(request, peer).await;
        }
        match self.gateway.path(request.uri().path()) {
            Ok(Some(path)) => self.gateway.answer(request, path, peer, self.port).await,
            Ok(None) => {
                let request = request.map(PageBody::new);
                let page = self.console.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                page.map(Either::Right)
            }
            Err(_) => refusal(StatusCode::BAD_REQUEST),
        }
    }

    /// Answers a request that comes from this process.
    pub(crate) async fn call(&self, request: Request<http_body_util::Full<Bytes>>) -> Response<AnswerBody> {
        self.answer(request, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }
}

/// Listens until told to stop, then lets requests under way finish.
pub(crate) async fn listen(listener: TcpListener, front: Arc<Front>, mut stop: Stop) {
    let room = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).pipeline_flush(true);
    loop {
        let next = async {
            let place = Arc::clone(&room).acquire_owned().await.map_err(std::io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (place, stream, peer))
        };
        let accepted = tokio::select! {
            () = stop.told() => break,
            accepted = next => accepted,
        };
        let (place, stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept");
                stop.told_within(Duration::from_millis(50)).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "nodelay");
        }
        let front = Arc::clone(&front);
        let service = hyper::service::service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
        });
        let connection = server.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.told() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "connection");
            }
            drop(place);
        });
    }
    drop(listener);
    // All places are free when every connection has ended, or has become one of the WebSocket API.
    if tokio::time::timeout(GRACE, room.acquire_many(CONNECTIONS)).await.is_err() {
        tracing::warn!("requests were still under way at the stop");
    }
}

//! A Lambda Runtime API for one function at a time.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::error::BenchError;

/// The largest answer a function may give.
const ANSWER: usize = 6 * 1024 * 1024;
/// The end of the deadline, in milliseconds since 1970: no measurement comes near it.
const DEADLINE: &str = "4102444800000";

/// What a function does.
pub(super) enum Said {
    /// It asks for an event, and waits for it.
    Polls(oneshot::Sender<Bytes>),
    /// It answers one.
    Answers(Bytes),
    /// It fails.
    Fails(Bytes),
}

/// The API of one function; it ends with the value.
pub(super) struct RuntimeApi {
    /// What `AWS_LAMBDA_RUNTIME_API` is to be.
    pub(super) address: String,
    /// What the function does, and when.
    pub(super) said: mpsc::UnboundedReceiver<(Instant, Said)>,
    task: JoinHandle<()>,
}

impl RuntimeApi {
    pub(super) async fn open() -> Result<Self, BenchError> {
        let failed = || BenchError::io("the runtime API");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed())?;
        let address = listener.local_addr().map_err(failed())?.to_string();
        let (tell, said) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tell = tell.clone();
                // A failure shows as a function that says nothing more.
                let _ = stream.set_nodelay(true);
                let service = service_fn(move |request| answer(request, tell.clone()));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Ok(Self { address, said, task })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    tell: mpsc::UnboundedSender<(Instant, Said)>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let now = Instant::now();
    let next = request.method() == Method::GET && request.uri().path().ends_with("/invocation/next");
    if next {
        let (give, given) = oneshot::channel();
        let _ = tell.send((now, Said::Polls(give)));
        let event = given.await.unwrap_or_default();
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "00000000-0000-0000-0000-000000000001")
            .header("lambda-runtime-deadline-ms", DEADLINE)
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
            .header("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000001;Sampled=0")
            .body(Full::new(event));
        return Ok(response.unwrap_or_default());
    }
    let answers = request.uri().path().ends_with("/response");
    let body = Limited::new(request.into_body(), ANSWER).collect().await.map(http_body_util::Collected::to_bytes);
    let said = match body {
        Ok(body) if answers => Said::Answers(body),
        Ok(body) => Said::Fails(body),
        Err(error) => Said::Fails(error.to_string().into()),
    };
    let _ = tell.send((now, said));
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

//! DynamoDB on a file or in memory.

mod conditions;
mod digest;
mod engine;
mod expiry;
mod keys;
mod meter;
mod operations;
mod reads;
mod refusals;
mod replays;
mod stream;
mod table;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use meter::{Cost, Meter, OperationCost};
pub use stream::StreamBatch;

use crate::faults::Service;
use crate::{Error, Faults, Setup, credentials, http as wire};
use engine::Engine;
use operations::Operation;

const JSON: &str = "application/x-amz-json-1.0";

/// The largest body DynamoDB takes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Requests above this go to a blocking thread: a hundred writes keep `SQLite` busy for milliseconds, whereas
/// one item takes microseconds, less than the change of thread would.
const HEAVY: usize = 16 * 1024;

/// DynamoDB for tests and for the local platform. Clones share one database.
#[derive(Clone, Debug)]
pub struct Dynamo(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    faults: Faults,
}

impl Dynamo {
    /// A database that ends with the value.
    pub fn memory(setup: &Setup) -> Result<Self, Error> {
        Ok(Self::over(Engine::memory(setup)?, setup))
    }

    /// A database on a file, made if it is not there. What was acknowledged survives `kill -9`.
    pub fn file(path: &Path, setup: &Setup) -> Result<Self, Error> {
        Ok(Self::over(Engine::file(path, setup)?, setup))
    }

    fn over(engine: Engine, setup: &Setup) -> Self {
        Self(Arc::new(Inner { engine, faults: setup.faults.clone() }))
    }

    /// The ordinary SDK client, with this database in place of the network. Retries are the SDK's standard
    /// ones, with a back-off of a millisecond in place of a second.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .region(Region::from_static(credentials::REGION))
            .endpoint_url("http://dynamodb.localhost")
            .credentials_provider(credentials::credentials())
            .http_client(self.sdk_http_client())
            .retry_config(RetryConfig::standard().with_initial_backoff(crate::BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// The `HttpClient` to give to an SDK configuration of one's own.
    pub fn sdk_http_client(&self) -> SharedHttpClient {
        wire::client_of(&self.0)
    }

    /// What the calls cost, if the setup asked for it.
    pub fn meter(&self) -> &Meter {
        self.0.engine.meter()
    }

    /// The faults of the setup.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Changes whenever something was written: what a reader of the stream waits on.
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.0.engine.writes()
    }

    /// Makes a table, from a `CreateTable` request or from the properties of an `AWS::DynamoDB::Table`; members
    /// that mean nothing here are passed over. A table that is there already with the same keys and indexes is
    /// left as it is.
    pub async fn create_table(&self, definition: &serde_json::Value) -> Result<(), Error> {
        let table = table::Definition::read(definition)?;
        self.blocking(move |engine| engine.create_table(&table)).await
    }

    /// Does what DynamoDB does by the clock: deletes expired items (on their way into the stream) and forgets
    /// stream records older than a day. Returns the number of items deleted.
    pub async fn sweep_ttl(&self) -> Result<usize, Error> {
        self.blocking(Engine::sweep).await
    }

    /// The next records of a table's stream after `checkpoint`, or from its start; at most `limit` (up to 1,000).
    /// Reading is idempotent: a reader that keeps the returned checkpoint goes on from there, also after a restart.
    pub async fn read_stream(&self, table: &str, checkpoint: Option<&str>, limit: usize) -> Result<StreamBatch, Error> {
        let (table, checkpoint) = (table.to_owned(), checkpoint.map(str::to_owned));
        self.blocking(move |engine| engine.read_stream(&table, checkpoint.as_deref(), limit)).await
    }

    /// The checkpoint of the newest record: from it, [`Self::read_stream`] tells only of later writes.
    pub async fn latest(&self, table: &str) -> Result<Option<String>, Error> {
        let table = table.to_owned();
        self.blocking(move |engine| engine.latest(&table)).await
    }

    /// Serves the database to other programs until `shutdown`. Signatures are not looked at and faults do not
    /// strike here.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        let inner = Arc::clone(&self.0);
        wire::serve(listener, shutdown, move |request| Arc::clone(&inner).served(request)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner.engine))
            .await
            .map_err(|error| Error::Io(std::io::Error::other(error)))?
    }
}

impl Inner {
    async fn served(self: Arc<Self>, request: http::Request<hyper::body::Incoming>) -> http::Response<Full<Bytes>> {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(Operation::of_target);
        let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
        let (status, answer) = match (operation, body) {
            (Some(operation), Ok(body)) => {
                let body = body.to_bytes();
                let turn = self.engine.turn(operation).await;
                let work = move || self.engine.answer(turn, operation, &body, None);
                let done = tokio::task::spawn_blocking(work).await;
                done.unwrap_or_else(|error| operations::failure(&error))
            }
            (None, _) => operations::unknown(),
            (_, Err(error)) => operations::too_large(&*error),
        };
        let mut response = http::Response::new(Full::new(Bytes::from(answer)));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(JSON));
        response
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(operation) = request.headers().get("x-amz-target").and_then(Operation::of_target) else {
            let (status, body) = operations::unknown();
            return Ok(wire::response(status, JSON, body));
        };
        let fault =
            self.faults.next(Service::Dynamo, operation.name, operation.writes(), |fault| operation.admits(fault))?;
        let heavy = operation.heavy || request.body().bytes().map_or(0, <[u8]>::len) > HEAVY;
        let turn = self.engine.turn(operation).await;
        let (status, body) = if heavy {
            let inner = Arc::clone(&self);
            let work = move || {
                let body = request.body().bytes().unwrap_or_default();
                inner.engine.answer(turn, operation, body, fault)
            };
            let done = tokio::task::spawn_blocking(work).await;
            done.unwrap_or_else(|error| operations::failure(&error))
        } else {
            let body = request.body().bytes().unwrap_or_default();
            self.engine.answer(turn, operation, body, fault)
        };
        self.faults.finish(fault, wire::response(status, JSON, body))
    }
}

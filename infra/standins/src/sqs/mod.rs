//! SQS over `SQLite`: standard queues with visibility, delay, long polls and dead letters.

mod messages;
mod operations;
mod queues;
mod refusal;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

pub use queues::{Queue, Redrive};

use crate::faults::Service;
use crate::{BACKOFF, Clock, Error, Fault, Faults, Setup, credentials, http as wire, sqlite};
use operations::Operation;
use refusal::Refusal;

const JSON: &str = "application/x-amz-json-1.0";

/// How often a long poll looks again: a message may become visible by time alone, and tests move time.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// SQS for tests and for the local platform. Clones share the queues.
#[derive(Clone, Debug)]
pub struct Sqs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queues: Queues,
    faults: Faults,
    /// Told of every change, for long polls.
    changed: Notify,
}

/// The database under the queues.
struct Queues {
    connection: Mutex<Connection>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Queues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queues").finish_non_exhaustive()
    }
}

impl Queues {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        sqlite::milliseconds(&*self.clock)
    }
}

impl Sqs {
    /// Queues that end with the value.
    pub fn memory(setup: &Setup) -> Result<Self, Error> {
        Self::over(None, setup)
    }

    /// Queues on a file, made if it is not there. A message acknowledged survives `kill -9`; one in flight comes
    /// back when its visibility timeout is over.
    pub fn file(path: &Path, setup: &Setup) -> Result<Self, Error> {
        Self::over(Some(path), setup)
    }

    fn over(path: Option<&Path>, setup: &Setup) -> Result<Self, Error> {
        let connection = Mutex::new(sqlite::open(path, queues::SCHEMA)?);
        let queues = Queues { connection, clock: Arc::clone(&setup.clock) };
        Ok(Self(Arc::new(Inner { queues, faults: setup.faults.clone(), changed: Notify::new() })))
    }

    /// The ordinary SDK client, with the queues in place of the network.
    pub fn client(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .region(Region::from_static(credentials::REGION))
            .endpoint_url("http://sqs.localhost")
            .credentials_provider(credentials::credentials())
            .http_client(wire::client_of(&self.0))
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }

    /// Makes a queue, or gives one that is there the settings of this definition; returns its URL.
    pub async fn create_queue(&self, queue: &Queue) -> Result<String, Error> {
        let (inner, queue) = (Arc::clone(&self.0), queue.clone());
        tokio::task::spawn_blocking(move || inner.queues.define(&queue)).await.map_err(std::io::Error::other)?
    }

    /// Puts a message into the queue of a URL, as another service of AWS does: it lives whoever died here. It is seen after so
    /// many seconds.
    pub async fn put(&self, url: &str, body: &str, delay: u32) -> Result<(), Error> {
        let request = json!({"QueueUrl": url, "MessageBody": body, "DelaySeconds": delay});
        let put = self.0.run(Operation::SendMessage, &request).await;
        put.map(drop).map_err(|refusal| Error::Refused(refusal.to_string()))
    }

    /// The URL of a queue.
    pub fn queue_url(name: &str) -> String {
        queues::url(name)
    }

    /// The ARN of a queue.
    pub fn queue_arn(name: &str) -> String {
        queues::arn(name)
    }
}

impl Inner {
    async fn run(&self, operation: Operation, request: &Value) -> Result<Value, Refusal> {
        let deadline = Instant::now() + self.queues.wait(operation, request)?;
        loop {
            // Registered before looking, so that a change in between is not missed.
            let changed = self.changed.notified();
            let answer = operation.run(&self.queues, request)?;
            let left = deadline.saturating_duration_since(Instant::now());
            if operation != Operation::ReceiveMessage || left.is_zero() || answer.get("Messages").is_some() {
                if operation.writes() && operation != Operation::ReceiveMessage {
                    self.changed.notify_waiters();
                }
                return Ok(answer);
            }
            // Either way the queue is looked at again.
            let _ = tokio::time::timeout(left.min(LOOK_AGAIN), changed).await;
        }
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(operation) = request.headers().get("x-amz-target").and_then(Operation::of_target) else {
            return Ok(Refusal::unknown_operation().response());
        };
        let fault =
            self.faults.next(Service::Sqs, operation.name(), operation.writes(), |fault| operation.admits(fault))?;
        let Ok(mut body) = serde_json::from_slice::<Value>(request.body().bytes().unwrap_or_default()) else {
            return Ok(Refusal::malformed().response());
        };
        let left = if fault == Some(Fault::Partial) { operations::second_half(&mut body) } else { Vec::new() };
        let answer = match fault {
            Some(Fault::Throttled) => Err(Refusal::throttled()),
            _ => self.run(operation, &body).await,
        };
        let response = match answer {
            Ok(mut answer) => {
                operations::report_failed(&mut answer, &left);
                wire::response(200, JSON, answer.to_string())
            }
            Err(refusal) => refusal.response(),
        };
        self.faults.finish(fault, response)
    }
}

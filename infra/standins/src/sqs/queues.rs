use std::time::Duration;

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::Queues;
use super::operations::Operation;
use super::refusal::Refusal;
use crate::Error;

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    visibility INTEGER NOT NULL,
    delay INTEGER NOT NULL,
    wait INTEGER NOT NULL,
    dead_letters TEXT,
    max_receives INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    dead_from TEXT,
    attributes TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at, id);";

/// A queue to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// For how long a received message is hidden from others.
    pub visibility: Duration,
    /// For how long a sent message is hidden, unless the call says otherwise.
    pub delay: Duration,
    /// For how long a receive waits for a message, unless the call says otherwise.
    pub wait: Duration,
    /// Where a message goes that was received too often.
    pub redrive: Option<Redrive>,
}

/// When a message is given up, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letters: String,
    /// How often a message is received before it goes there.
    pub max_receives: u32,
}

impl Queue {
    /// A queue with the settings SQS gives: 30 s of visibility, no delay, no waiting, no dead letters.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            wait: Duration::ZERO,
            redrive: None,
        }
    }

    /// The queue with another visibility timeout.
    #[must_use]
    pub fn hidden_for(self, visibility: Duration) -> Self {
        Self { visibility, ..self }
    }

    /// The queue with a dead-letter queue.
    #[must_use]
    pub fn with_dead_letters(self, dead_letters: &str, max_receives: u32) -> Self {
        Self { redrive: Some(Redrive { dead_letters: dead_letters.to_owned(), max_receives }), ..self }
    }

    /// Reads the `Attributes` of a `CreateQueue` or `SetQueueAttributes` request over what is there.
    fn with_attributes(mut self, attributes: &Map<String, Value>) -> Result<Self, Refusal> {
        for (name, value) in attributes {
            let text = value.as_str().ok_or_else(|| Refusal::invalid(format!("{name} is not text")))?;
            let seconds = || {
                let seconds = text.parse().map_err(|_| Refusal::invalid(format!("{name}: {text}")))?;
                Ok::<_, Refusal>(Duration::from_secs(u64::from(u32::min(seconds, 43_200))))
            };
            match name.as_str() {
                "VisibilityTimeout" => self.visibility = seconds()?,
                "DelaySeconds" => self.delay = seconds()?,
                "ReceiveMessageWaitTimeSeconds" => self.wait = seconds()?,
                "RedrivePolicy" => self.redrive = redrive(text)?,
                "FifoQueue" => return Err(Refusal::invalid("queues here are standard ones")),
                _ => {}
            }
        }
        Ok(self)
    }

    pub(super) fn visibility_milliseconds(&self) -> i64 {
        milliseconds(self.visibility)
    }

    pub(super) fn delay_milliseconds(&self) -> i64 {
        milliseconds(self.delay)
    }
}

/// The URL of a queue.
pub(super) fn url(name: &str) -> String {
    format!("http://sqs.localhost/000000000000/{name}")
}

/// The ARN of a queue.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{}:000000000000:{name}", crate::REGION)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn redrive(policy: &str) -> Result<Option<Redrive>, Refusal> {
    if policy.is_empty() {
        return Ok(None);
    }
    let refused = || Refusal::invalid(format!("RedrivePolicy: {policy}"));
    let policy: Value = serde_json::from_str(policy).map_err(|_| refused())?;
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str).ok_or_else(refused)?;
    let dead_letters = target.rsplit(':').next().unwrap_or(target).to_owned();
    let count = policy.get("maxReceiveCount").ok_or_else(refused)?;
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok()).ok_or_else(refused)?;
    let max_receives = u32::try_from(count).map_err(|_| refused())?;
    Ok(Some(Redrive { dead_letters, max_receives }))
}

/// A member that names a queue by its URL.
pub(super) fn named_in(request: &Value) -> Result<&str, Refusal> {
    let url = request.get("QueueUrl").and_then(Value::as_str).ok_or_else(|| Refusal::missing("QueueUrl"))?;
    Ok(url.rsplit('/').next().unwrap_or(url))
}

impl Queues {
    /// Makes a queue or changes its settings.
    pub(super) fn define(&self, queue: &Queue) -> Result<String, Error> {
        let Queue { name, visibility, delay, wait, redrive } = queue;
        let (dead_letters, max_receives) = redrive.as_ref().map(|r| (&r.dead_letters, r.max_receives)).unzip();
        if let Some(dead_letters) = dead_letters
            && self.find(dead_letters)?.is_none()
        {
            return Err(Error::NoQueue(dead_letters.clone()));
        }
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO queues (name, visibility, delay, wait, dead_letters, max_receives)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                name,
                milliseconds(*visibility),
                milliseconds(*delay),
                milliseconds(*wait),
                dead_letters,
                max_receives
            ])?;
        Ok(url(name))
    }

    pub(super) fn find(&self, name: &str) -> Result<Option<Queue>, rusqlite::Error> {
        let connection = self.connection();
        let mut find = connection
            .prepare_cached("SELECT visibility, delay, wait, dead_letters, max_receives FROM queues WHERE name = ?1")?;
        find.query_row([name], |row| {
            let duration =
                |column| Ok::<_, rusqlite::Error>(Duration::from_millis(row.get::<_, i64>(column)?.unsigned_abs()));
            let redrive: (Option<String>, Option<u32>) = (row.get(3)?, row.get(4)?);
            Ok(Queue {
                name: name.to_owned(),
                visibility: duration(0)?,
                delay: duration(1)?,
                wait: duration(2)?,
                redrive: redrive
                    .0
                    .zip(redrive.1)
                    .map(|(dead_letters, max_receives)| Redrive { dead_letters, max_receives }),
            })
        })
        .optional()
    }

    pub(super) fn queue_in(&self, request: &Value) -> Result<Queue, Refusal> {
        self.find(named_in(request)?)?.ok_or_else(Refusal::no_queue)
    }

    /// For how long an operation may wait for messages.
    pub(super) fn wait(&self, operation: Operation, request: &Value) -> Result<Duration, Refusal> {
        if operation != Operation::ReceiveMessage {
            return Ok(Duration::ZERO);
        }
        match request.get("WaitTimeSeconds").and_then(Value::as_u64) {
            Some(seconds) if seconds > 20 => Err(Refusal::invalid("WaitTimeSeconds is above 20")),
            Some(seconds) => Ok(Duration::from_secs(seconds)),
            None => Ok(self.queue_in(request)?.wait),
        }
    }

    pub(super) fn create(&self, request: &Value) -> Result<Value, Refusal> {
        let name = request.get("QueueName").and_then(Value::as_str).ok_or_else(|| Refusal::missing("QueueName"))?;
        let queue = self.find(name)?.unwrap_or_else(|| Queue::named(name));
        let attributes = request.get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default();
        self.settle(&queue.with_attributes(&attributes)?)?;
        Ok(json!({"QueueUrl": url(name)}))
    }

    pub(super) fn set_attributes(&self, request: &Value) -> Result<Value, Refusal> {
        let attributes = request.get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default();
        self.settle(&self.queue_in(request)?.with_attributes(&attributes)?)?;
        Ok(json!({}))
    }

    fn settle(&self, queue: &Queue) -> Result<(), Refusal> {
        match self.define(queue) {
            Ok(_) => Ok(()),
            Err(Error::Sqlite(error)) => Err(error.into()),
            Err(error) => Err(Refusal::invalid(error.to_string())),
        }
    }

    pub(super) fn url_of(&self, request: &Value) -> Result<Value, Refusal> {
        let name = request.get("QueueName").and_then(Value::as_str).ok_or_else(|| Refusal::missing("QueueName"))?;
        self.find(name)?.ok_or_else(Refusal::no_queue)?;
        Ok(json!({"QueueUrl": url(name)}))
    }

    pub(super) fn list(&self, request: &Value) -> Result<Value, Refusal> {
        let prefix = request.get("QueueNamePrefix").and_then(Value::as_str).unwrap_or_default();
        let connection = self.connection();
        let mut names = connection.prepare_cached("SELECT name FROM queues ORDER BY name LIMIT 1000")?;
        let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let urls: Vec<_> = names.iter().filter(|name| name.starts_with(prefix)).map(|name| url(name)).collect();
        Ok(json!({"QueueUrls": urls}))
    }

    pub(super) fn attributes(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let (visible, in_flight, delayed): (i64, i64, i64) = self.connection().query_row(
            "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2),
                    COUNT(*) FILTER (WHERE visible_at > ?2 AND received > 0),
                    COUNT(*) FILTER (WHERE visible_at > ?2 AND received = 0)
             FROM messages WHERE queue = ?1",
            params![queue.name, self.now()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut attributes = json!({
            "QueueArn": arn(&queue.name),
            "ApproximateNumberOfMessages": visible.to_string(),
            "ApproximateNumberOfMessagesNotVisible": in_flight.to_string(),
            "ApproximateNumberOfMessagesDelayed": delayed.to_string(),
            "VisibilityTimeout": queue.visibility.as_secs().to_string(),
            "DelaySeconds": queue.delay.as_secs().to_string(),
            "ReceiveMessageWaitTimeSeconds": queue.wait.as_secs().to_string(),
        });
        if let Some(Redrive { dead_letters, max_receives }) = &queue.redrive {
            let policy = json!({"deadLetterTargetArn": arn(dead_letters), "maxReceiveCount": max_receives});
            attributes["RedrivePolicy"] = json!(policy.to_string());
        }
        let asked: Vec<_> = request.get("AttributeNames").and_then(Value::as_array).into_iter().flatten().collect();
        if let Some(attributes) = attributes.as_object_mut()
            && !asked.contains(&&json!("All"))
        {
            attributes.retain(|name, _| asked.contains(&&json!(name)));
        }
        Ok(json!({"Attributes": attributes}))
    }
}

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, TransactionBehavior, params};
use s3s::crypto::{Checksum, Md5};
use serde_json::{Map, Value, json};

use super::Queues;
use super::queues::{Queue, Redrive, arn};
use super::refusal::Refusal;

/// The largest message and the largest batch, in bytes.
const SIZE_LIMIT: usize = 1024 * 1024;

/// The most messages in one call.
const BATCH_LIMIT: usize = 10;

/// The longest a message may be hidden, in seconds: twelve hours.
const VISIBILITY_LIMIT: u64 = 43_200;

/// The longest a message may be delayed, in seconds.
const DELAY_LIMIT: u64 = 900;

/// One message as it lies in its queue.
struct Stored {
    id: i64,
    received: u32,
    sent_at: i64,
    first_received_at: Option<i64>,
    dead_from: Option<String>,
    attributes: Option<String>,
    body: String,
}

/// What a receipt handle says: which message, and which of its receives.
struct Receipt {
    id: i64,
    received: u32,
}

impl Receipt {
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.id, self.received))
    }

    fn read(entry: &Value) -> Result<Self, Refusal> {
        let handle = text(entry, "ReceiptHandle")?;
        let decoded = URL_SAFE_NO_PAD.decode(handle).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = decoded.as_deref().and_then(|decoded| decoded.split_once(':'));
        let parsed =
            parts.and_then(|(id, received)| Some(Self { id: id.parse().ok()?, received: received.parse().ok()? }));
        parsed.ok_or_else(Refusal::bad_receipt)
    }
}

impl Queues {
    pub(super) fn send(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let message = self.prepare(&queue, request)?;
        let id = message.insert(&self.connection(), &queue)?;
        Ok(json!({"MessageId": message_id(id), "MD5OfMessageBody": md5(message.body)}))
    }

    pub(super) fn send_batch(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let entries = entries(request)?;
        if entries.iter().map(|entry| entry["MessageBody"].as_str().map_or(0, str::len)).sum::<usize>() > SIZE_LIMIT {
            return Err(Refusal::invalid("the batch is longer than 1 MiB"));
        }
        let messages = entries.iter().map(|entry| self.prepare(&queue, entry)).collect::<Result<Vec<_>, _>>()?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut sent = Vec::with_capacity(messages.len());
        for (entry, message) in entries.iter().zip(&messages) {
            let id = message.insert(&transaction, &queue)?;
            sent.push(json!({
                "Id": entry["Id"], "MessageId": message_id(id), "MD5OfMessageBody": md5(message.body),
            }));
        }
        transaction.commit()?;
        Ok(json!({"Successful": sent, "Failed": []}))
    }

    fn prepare<'a>(&self, queue: &Queue, request: &'a Value) -> Result<Draft<'a>, Refusal> {
        let body = text(request, "MessageBody")?;
        if body.is_empty() || body.len() > SIZE_LIMIT {
            return Err(Refusal::invalid("a message has from 1 byte to 1 MiB"));
        }
        let now = self.now();
        let delay = seconds(request, "DelaySeconds", DELAY_LIMIT)?.unwrap_or_else(|| queue.delay_milliseconds());
        let attributes = request.get("MessageAttributes").filter(|attributes| !attributes.is_null());
        Ok(Draft { sent_at: now, visible_at: now + delay, body, attributes: attributes.map(Value::to_string) })
    }

    pub(super) fn receive(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let most = request.get("MaxNumberOfMessages").and_then(Value::as_u64).unwrap_or(1);
        let most = usize::try_from(most).ok().filter(|most| (1..=BATCH_LIMIT).contains(most));
        let most = most.ok_or_else(|| Refusal::invalid("MaxNumberOfMessages is from 1 to 10"))?;
        let visibility = seconds(request, "VisibilityTimeout", VISIBILITY_LIMIT)?;
        let hidden_until = self.now() + visibility.unwrap_or_else(|| queue.visibility_milliseconds());
        let taken = self.take(&queue, most, hidden_until)?;
        if taken.is_empty() {
            return Ok(json!({}));
        }
        let messages: Vec<_> = taken.iter().map(|message| shown(message, request)).collect();
        Ok(json!({"Messages": messages}))
    }

    /// Takes visible messages and hides them; those received too often go to the dead letters instead.
    fn take(&self, queue: &Queue, most: usize, hidden_until: i64) -> Result<Vec<Stored>, Refusal> {
        let now = self.now();
        let mut connection = self.connection();
        if !any_visible(&connection, queue, now)? {
            return Ok(Vec::new());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut taken = Vec::new();
        while taken.len() < most {
            let found = visible(&transaction, queue, now, most - taken.len())?;
            if found.is_empty() {
                break;
            }
            for mut message in found {
                match &queue.redrive {
                    Some(Redrive { dead_letters, max_receives }) if message.received >= *max_receives => {
                        transaction
                            .prepare_cached(
                                "UPDATE messages SET queue = ?2, dead_from = ?3, received = 0, visible_at = ?4,
                                 first_received_at = NULL WHERE id = ?1",
                            )?
                            .execute(params![message.id, dead_letters, queue.name, now])?;
                    }
                    _ => {
                        message.received += 1;
                        message.first_received_at.get_or_insert(now);
                        transaction
                            .prepare_cached(
                                "UPDATE messages SET received = ?2, visible_at = ?3, first_received_at = ?4 WHERE id = ?1",
                            )?
                            // A timeout of zero would offer the message to this very loop again.
                            .execute(params![
                                message.id,
                                message.received,
                                hidden_until.max(now + 1),
                                message.first_received_at
                            ])?;
                        taken.push(message);
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(taken)
    }

    pub(super) fn delete(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        delete_one(&self.connection(), &queue, &Receipt::read(request)?)?;
        Ok(json!({}))
    }

    pub(super) fn delete_batch(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let entries = entries(request)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            match Receipt::read(entry) {
                Ok(receipt) => {
                    delete_one(&transaction, &queue, &receipt)?;
                    done.push(json!({"Id": entry["Id"]}));
                }
                Err(_) => failed.push(json!({
                    "Id": entry["Id"], "SenderFault": true, "Code": "ReceiptHandleIsInvalid",
                })),
            }
        }
        transaction.commit()?;
        Ok(json!({"Successful": done, "Failed": failed}))
    }

    pub(super) fn change_visibility(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        let receipt = Receipt::read(request)?;
        let hidden = seconds(request, "VisibilityTimeout", VISIBILITY_LIMIT)?;
        let hidden = hidden.ok_or_else(|| Refusal::missing("VisibilityTimeout"))?;
        let now = self.now();
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE messages SET visible_at = ?4 WHERE id = ?1 AND queue = ?2 AND received = ?3 AND visible_at > ?5",
            )?
            .execute(params![receipt.id, queue.name, receipt.received, now + hidden, now])?;
        if changed == 0 { Err(Refusal::not_in_flight()) } else { Ok(json!({})) }
    }

    pub(super) fn purge(&self, request: &Value) -> Result<Value, Refusal> {
        let queue = self.queue_in(request)?;
        self.connection().execute("DELETE FROM messages WHERE queue = ?1", [queue.name])?;
        Ok(json!({}))
    }

    /// Dead letters go back to the queues they came from, all at once.
    pub(super) fn move_back(&self, request: &Value) -> Result<Value, Refusal> {
        let source = text(request, "SourceArn")?;
        let name = source.rsplit(':').next().unwrap_or(source);
        self.find(name)?.ok_or_else(Refusal::no_queue)?;
        self.connection().execute(
            "UPDATE messages SET queue = dead_from, dead_from = NULL, received = 0, visible_at = ?2,
             first_received_at = NULL WHERE queue = ?1 AND dead_from IS NOT NULL",
            params![name, self.now()],
        )?;
        Ok(json!({"TaskHandle": URL_SAFE_NO_PAD.encode(name)}))
    }
}

/// A message to be sent.
struct Draft<'a> {
    sent_at: i64,
    visible_at: i64,
    body: &'a str,
    attributes: Option<String>,
}

impl Draft<'_> {
    fn insert(&self, connection: &Connection, queue: &Queue) -> Result<i64, rusqlite::Error> {
        connection
            .prepare_cached(
                "INSERT INTO messages (queue, visible_at, sent_at, attributes, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![queue.name, self.visible_at, self.sent_at, self.attributes, self.body])?;
        Ok(connection.last_insert_rowid())
    }
}

/// A look that takes no write lock, for the many polls of empty queues.
fn any_visible(connection: &Connection, queue: &Queue, now: i64) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM messages WHERE queue = ?1 AND visible_at <= ?2)")?
        .query_row(params![queue.name, now], |row| row.get(0))
}

fn visible(connection: &Connection, queue: &Queue, now: i64, most: usize) -> Result<Vec<Stored>, rusqlite::Error> {
    let mut found = connection.prepare_cached(
        "SELECT id, received, sent_at, first_received_at, dead_from, attributes, body FROM messages
         WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, id LIMIT ?3",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = found.query_map(params![queue.name, now, most], |row| {
        Ok(Stored {
            id: row.get(0)?,
            received: row.get(1)?,
            sent_at: row.get(2)?,
            first_received_at: row.get(3)?,
            dead_from: row.get(4)?,
            attributes: row.get(5)?,
            body: row.get(6)?,
        })
    })?;
    found.collect()
}

/// Only the latest receipt deletes: an older one belongs to a receive whose time ran out.
fn delete_one(connection: &Connection, queue: &Queue, receipt: &Receipt) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached("DELETE FROM messages WHERE id = ?1 AND queue = ?2 AND received = ?3")?
        .execute(params![receipt.id, queue.name, receipt.received])?;
    Ok(())
}

/// A message as a receive shows it.
fn shown(message: &Stored, request: &Value) -> Value {
    let Stored { id, received, sent_at, first_received_at, dead_from, attributes, body } = message;
    let mut system = Map::new();
    system.insert("ApproximateReceiveCount".to_owned(), json!(received.to_string()));
    system.insert("SentTimestamp".to_owned(), json!(sent_at.to_string()));
    system.insert("SenderId".to_owned(), json!("000000000000"));
    if let Some(at) = first_received_at {
        system.insert("ApproximateFirstReceiveTimestamp".to_owned(), json!(at.to_string()));
    }
    if let Some(source) = dead_from {
        system.insert("DeadLetterQueueSourceArn".to_owned(), json!(arn(source)));
    }
    let own = attributes.as_deref().and_then(|attributes| serde_json::from_str(attributes).ok());
    let mut own: Map<String, Value> = own.unwrap_or_default();
    retain_asked(&mut system, request, &["MessageSystemAttributeNames", "AttributeNames"]);
    retain_asked(&mut own, request, &["MessageAttributeNames"]);
    let mut shown = json!({
        "MessageId": message_id(*id),
        "ReceiptHandle": Receipt { id: *id, received: *received }.write(),
        "MD5OfBody": md5(body),
        "Body": body,
    });
    if !system.is_empty() {
        shown["Attributes"] = Value::Object(system);
    }
    if !own.is_empty() {
        shown["MessageAttributes"] = Value::Object(own);
    }
    shown
}

/// Keeps the attributes asked for by name, by `All`, or by a prefix such as `trace.*`.
fn retain_asked(attributes: &mut Map<String, Value>, request: &Value, members: &[&str]) {
    let lists = members.iter().filter_map(|member| request.get(*member)?.as_array());
    let asked: Vec<&str> = lists.flatten().filter_map(Value::as_str).collect();
    attributes.retain(|name, _| {
        asked.iter().any(|asked| match asked.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => *asked == "All" || asked == name,
        })
    });
}

fn entries(request: &Value) -> Result<&Vec<Value>, Refusal> {
    let entries = request.get("Entries").and_then(Value::as_array).ok_or_else(|| Refusal::missing("Entries"))?;
    let ids = entries.iter().map(|entry| text(entry, "Id")).collect::<Result<HashSet<_>, _>>()?;
    match entries.len() {
        0 => Err(Refusal::empty_batch()),
        length if length > BATCH_LIMIT => Err(Refusal::batch_too_long()),
        length if length > ids.len() => Err(Refusal::equal_ids()),
        _ => Ok(entries),
    }
}

fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str, Refusal> {
    value.get(member).and_then(Value::as_str).ok_or_else(|| Refusal::missing(member))
}

/// A member in seconds, as milliseconds.
fn seconds(request: &Value, member: &str, limit: u64) -> Result<Option<i64>, Refusal> {
    let Some(value) = request.get(member).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let seconds = value.as_u64().filter(|seconds| *seconds <= limit);
    let milliseconds = seconds.and_then(|seconds| i64::try_from(seconds * 1000).ok());
    milliseconds.map(Some).ok_or_else(|| Refusal::invalid(format!("{member} is from 0 to {limit}")))
}

/// A message's id in the shape of a UUID. Numbers are never used again, so neither is it.
fn message_id(id: i64) -> String {
    format!("00000000-0000-4000-8000-{id:012x}")
}

fn md5(body: &str) -> String {
    format!("{:032x}", u128::from_be_bytes(Md5::checksum(body.as_bytes())))
}

//! The messages that would have been sent, what the doubles that carried them remember, and what was told of them since.

mod carried;
mod told;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Clock, Error, sqlite};

pub use told::Told;

/// The most messages one listing gives.
pub const LISTING_LIMIT: usize = 200;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS carried (
    message INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    remembered TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS callbacks (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (provider, account)
);
CREATE TABLE IF NOT EXISTS told (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    words TEXT NOT NULL,
    answer TEXT
);
CREATE INDEX IF NOT EXISTS told_of ON told (message)";

const COLUMNS: &str = "id, at, channel, sender, recipients, subject, raw";

/// A message to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// `email`, or whatever else a provider would have carried it over: `sms`, `whatsapp`.
    pub channel: String,
    /// The sender's address, in the channel's own form.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// The subject as text; empty where the channel has none.
    pub subject: String,
    /// The message as it would have gone out: of an e-mail, its MIME.
    pub raw: Vec<u8>,
}

/// A message kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Its place, from 1.
    pub id: i64,
    /// When it was sent, in milliseconds since 1970.
    pub at: i64,
    /// `email`, `sms`, `whatsapp`.
    pub channel: String,
    /// The sender's address.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// The subject as text.
    pub subject: String,
    /// The message as it would have gone out.
    pub raw: Vec<u8>,
}

/// Which messages to find; all of them by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// To this address. Capitals make no difference.
    pub to: Option<&'a str>,
    /// Over this channel.
    pub channel: Option<&'a str>,
}

/// Keeps messages in the place of sending them. Clones share it.
#[derive(Clone)]
pub struct Outbox {
    connection: Arc<Mutex<Connection>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    /// An outbox that ends with the value.
    pub fn memory(clock: &Arc<dyn Clock>) -> Result<Self, Error> {
        Self::over(None, clock)
    }

    /// An outbox on a file, made if it is not there.
    pub fn file(path: &Path, clock: &Arc<dyn Clock>) -> Result<Self, Error> {
        Self::over(Some(path), clock)
    }

    fn over(path: Option<&Path>, clock: &Arc<dyn Clock>) -> Result<Self, Error> {
        let connection = Arc::new(Mutex::new(sqlite::open(path, SCHEMA)?));
        Ok(Self { connection, clock: Arc::clone(clock) })
    }

    /// Keeps a message and returns its id.
    pub fn keep(&self, draft: &Draft) -> Result<i64, Error> {
        insert(&self.connection(), sqlite::milliseconds(&*self.clock), draft)
    }

    /// The newest messages first, at most `limit` and never more than [`LISTING_LIMIT`]; those older than
    /// message `before` if that is given.
    pub fn messages(&self, before: Option<i64>, limit: usize) -> Result<Vec<OutboxMessage>, Error> {
        self.find(Filter::default(), before, limit)
    }

    /// Of the messages that [`Self::messages`] gives, those of a kind.
    pub fn find(&self, filter: Filter<'_>, before: Option<i64>, limit: usize) -> Result<Vec<OutboxMessage>, Error> {
        let Filter { to, channel } = filter;
        // As it stands in the column, between its quotes.
        let to = to.map(serde_json::to_string).transpose().map_err(|error| Error::Definition(error.to_string()))?;
        let connection = self.connection();
        let mut listing = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE id < ?1 AND (?3 IS NULL OR instr(lower(recipients), lower(?3)) > 0) \
             AND (?4 IS NULL OR channel = ?4) ORDER BY id DESC LIMIT ?2"
        ))?;
        let limit = i64::try_from(limit.min(LISTING_LIMIT)).unwrap_or(i64::MAX);
        let found = listing.query_map(params![before.unwrap_or(i64::MAX), limit, to, channel], message)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// One message.
    pub fn message(&self, id: i64) -> Result<Option<OutboxMessage>, Error> {
        let connection = self.connection();
        let mut one = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM messages WHERE id = ?1"))?;
        Ok(one.query_row([id], message).optional()?)
    }

    /// How many messages there are.
    pub fn count(&self) -> Result<u64, Error> {
        let count: i64 = self.connection().query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(connection: &Connection, at: i64, draft: &Draft) -> Result<i64, Error> {
    let Draft { channel, from, to, subject, raw } = draft;
    let to = serde_json::to_string(to).map_err(|error| Error::Definition(error.to_string()))?;
    connection
        .prepare_cached(
            "INSERT INTO messages (at, channel, sender, recipients, subject, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![at, channel, from, to, subject, raw])?;
    Ok(connection.last_insert_rowid())
}

fn message(row: &Row<'_>) -> rusqlite::Result<OutboxMessage> {
    let recipients: String = row.get(4)?;
    let to = serde_json::from_str(&recipients)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, error.into()))?;
    Ok(OutboxMessage {
        id: row.get(0)?,
        at: row.get(1)?,
        channel: row.get(2)?,
        from: row.get(3)?,
        to,
        subject: row.get(5)?,
        raw: row.get(6)?,
    })
}

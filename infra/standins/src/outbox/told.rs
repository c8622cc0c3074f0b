//! What was told of messages since they went out, and what came of telling it.

use rusqlite::{Row, params};

use super::Outbox;
use crate::{Error, sqlite};

/// Something that was told of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its place among all that was told, from 1.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What: `delivered`, `reply`.
    pub what: String,
    /// The words of a reply; empty where it is none.
    pub words: String,
    /// What whoever was told answered; `None` before they did.
    pub answer: Option<String>,
}

impl Outbox {
    /// Notes that something is about to be told of a message, and returns its place.
    pub fn telling(&self, message: i64, what: &str, words: &str) -> Result<i64, Error> {
        let connection = self.connection();
        connection
            .prepare_cached("INSERT INTO told (message, at, what, words) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![message, sqlite::milliseconds(&*self.clock), what, words])?;
        Ok(connection.last_insert_rowid())
    }

    /// Notes the answer.
    pub fn answered(&self, telling: i64, answer: &str) -> Result<(), Error> {
        self.connection()
            .prepare_cached("UPDATE told SET answer = ?2 WHERE id = ?1")?
            .execute(params![telling, answer])?;
        Ok(())
    }

    /// What was told of a message, the first first.
    pub fn told(&self, message: i64) -> Result<Vec<Told>, Error> {
        let connection = self.connection();
        let mut all =
            connection.prepare_cached("SELECT id, at, what, words, answer FROM told WHERE message = ?1 ORDER BY id")?;
        let found = all.query_map([message], told)?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

fn told(row: &Row<'_>) -> rusqlite::Result<Told> {
    Ok(Told { id: row.get(0)?, at: row.get(1)?, what: row.get(2)?, words: row.get(3)?, answer: row.get(4)? })
}

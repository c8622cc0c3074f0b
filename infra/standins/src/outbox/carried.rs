//! Which provider's double carried a message, what it remembers of that, and where it calls back.

use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Draft, Outbox, insert};
use crate::{Error, sqlite};

impl Outbox {
    /// Keeps a message that a provider took, with what the provider remembers of it, and returns its id.
    pub(crate) fn carry(&self, provider: &str, remembered: &impl Serialize, draft: &Draft) -> Result<i64, Error> {
        let remembered = serde_json::to_string(remembered).map_err(|error| Error::Definition(error.to_string()))?;
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let id = insert(&transaction, sqlite::milliseconds(&*self.clock), draft)?;
        transaction
            .prepare_cached("INSERT INTO carried (message, provider, remembered) VALUES (?1, ?2, ?3)")?
            .execute(params![id, provider, remembered])?;
        transaction.commit()?;
        Ok(id)
    }

    /// Whose double took a message: `twilio`, `msg91`, `whatsapp`, `ses`. `None` where none of them did.
    pub fn carrier(&self, message: i64) -> Result<Option<String>, Error> {
        let connection = self.connection();
        let mut one = connection.prepare_cached("SELECT provider FROM carried WHERE message = ?1")?;
        Ok(one.query_row([message], |row| row.get(0)).optional()?)
    }

    /// What a provider remembers of a message; `None` where it did not take it.
    pub(crate) fn remembered<T: DeserializeOwned>(&self, provider: &str, message: i64) -> Result<Option<T>, Error> {
        let connection = self.connection();
        let mut one =
            connection.prepare_cached("SELECT remembered FROM carried WHERE message = ?1 AND provider = ?2")?;
        let found: Option<String> = one.query_row(params![message, provider], |row| row.get(0)).optional()?;
        found.map(|text| serde_json::from_str(&text).map_err(|error| Error::Definition(error.to_string()))).transpose()
    }

    /// From now on a provider calls this address for what concerns an account there.
    pub(crate) fn call_at(&self, provider: &str, account: &str, url: &str) -> Result<(), Error> {
        self.connection()
            .prepare_cached("INSERT OR REPLACE INTO callbacks (provider, account, url) VALUES (?1, ?2, ?3)")?
            .execute(params![provider, account, url])?;
        Ok(())
    }

    /// Where a provider calls.
    pub(crate) fn called_at(&self, provider: &str, account: &str) -> Result<Option<String>, Error> {
        let connection = self.connection();
        let mut one = connection.prepare_cached("SELECT url FROM callbacks WHERE provider = ?1 AND account = ?2")?;
        Ok(one.query_row(params![provider, account], |row| row.get(0)).optional()?)
    }
}

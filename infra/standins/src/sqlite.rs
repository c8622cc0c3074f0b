use std::path::Path;

use rusqlite::Connection;

use crate::{Clock, Error};

/// What every connection here runs with. In WAL mode `synchronous = NORMAL` leaves a commit in the operating
/// system's hands: `kill -9` loses nothing, a power cut may lose the last commits and never the file.
pub(crate) const SETTINGS: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -65536;
    PRAGMA mmap_size = 1073741824;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 4000;";

/// Opens a database on a file, or in memory, and makes sure of its tables.
pub(crate) fn open(path: Option<&Path>, schema: &str) -> Result<Connection, Error> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(schema)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The time, in milliseconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds fit for another 290 million years")]
pub(crate) fn milliseconds(clock: &dyn Clock) -> i64 {
    (clock.now_unix_secs_f64() * 1000.0) as i64
}

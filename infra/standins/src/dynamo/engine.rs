//! The connections to the database, and who gets which.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{self, Arc, MutexGuard as ReaderGuard, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use rusqlite::TransactionBehavior;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::keys::TableKeys;
use super::meter::Meter;
use super::operations::{Access, Context, Operation, told};
use super::replays::{Asked, Replays, Seen};
use super::table::Definition;
use super::{expiry, reads, refusals};
use crate::Clock;
use crate::{Error, Fault, Setup, sqlite};

/// Connections that only read, beside the one that writes. `SQLite`'s log lets them read while it does.
const READERS: usize = 2;

/// Every write numbers its stream record one past the last. Without this index that is a scan of all records.
const STREAM_ORDER: &str = "CREATE INDEX IF NOT EXISTS stream_order
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// The same for the records that are too old to be kept.
const STREAM_AGE: &str = "CREATE INDEX IF NOT EXISTS stream_age ON _stream_records (created_at)";

/// How long DynamoDB keeps stream records.
const STREAM_RETENTION_SECONDS: u64 = 24 * 60 * 60;

pub(crate) struct Engine {
    /// `None` in memory, where there is one connection only.
    path: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    writer: Arc<Mutex<Writer>>,
    readers: Vec<sync::Mutex<Storage>>,
    tables: TableKeys,
    indexes: VectorIndexLifecycle,
    meter: Meter,
    written: watch::Sender<u64>,
}

struct Writer {
    storage: Storage,
    replays: Replays,
}

/// The right to write, or to use the only connection there is.
pub(crate) struct Turn(OwnedMutexGuard<Writer>);

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Engine {
    pub(crate) fn memory(setup: &Setup) -> Result<Self, Error> {
        let storage = prepared(Storage::memory()?, &setup.clock)?;
        Ok(Self::over(None, storage, Vec::new(), setup))
    }

    pub(crate) fn file(path: &Path, setup: &Setup) -> Result<Self, Error> {
        let storage = open(path, &setup.clock)?;
        let readers =
            (0..READERS).map(|_| Ok(sync::Mutex::new(open(path, &setup.clock)?))).collect::<Result<_, Error>>()?;
        Ok(Self::over(Some(path.to_owned()), storage, readers, setup))
    }

    fn over(path: Option<PathBuf>, storage: Storage, readers: Vec<sync::Mutex<Storage>>, setup: &Setup) -> Self {
        Self {
            path,
            clock: Arc::clone(&setup.clock),
            writer: Arc::new(Mutex::new(Writer { storage, replays: Replays::default() })),
            readers,
            tables: TableKeys::default(),
            indexes: VectorIndexLifecycle::new(),
            meter: if setup.meter { Meter::on() } else { Meter::off() },
            written: watch::Sender::new(0),
        }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(crate) fn writes(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Waits for the writer, if the operation needs it. The wait blocks no thread.
    pub(crate) async fn turn(&self, operation: Operation) -> Option<Turn> {
        let needed = operation.writes() || self.readers.is_empty();
        if needed { Some(Turn(Arc::clone(&self.writer).lock_owned().await)) } else { None }
    }

    /// Answers one request: status and body.
    pub(crate) fn answer(
        &self,
        mut turn: Option<Turn>,
        operation: Operation,
        body: &[u8],
        fault: Option<Fault>,
    ) -> (u16, Vec<u8>) {
        self.meter.call(operation.name);
        let mut run = |body: &[u8]| match (&mut turn, operation.access) {
            (None, _) => self.read(&self.reader(), operation, body),
            (Some(Turn(writer)), Access::Read) => self.read(&writer.storage, operation, body),
            (Some(Turn(writer)), Access::Write) => self.write(writer, operation, body),
            (Some(Turn(writer)), Access::Schema) => self.change(writer, operation, body),
        };
        let answer = match fault {
            Some(Fault::Throttled) => return refusals::throttled(),
            Some(Fault::Conflict) => return refusals::conflict(operation.name, body),
            Some(Fault::Partial) => refusals::half(body, run),
            _ => run(body),
        };
        answer.map_or_else(|error| told(&error), |body| (200, body))
    }

    fn read(&self, storage: &Storage, operation: Operation, body: &[u8]) -> dynoxide::Result<Vec<u8>> {
        if !self.meter.counts()
            && let Some(answer) = reads::answer(operation.name, storage, &self.tables, body)
        {
            return Ok(answer?);
        }
        self.context(storage, operation).run(body)
    }

    /// A transaction repeated with its token is answered as the first time and not done again.
    fn write(&self, writer: &mut Writer, operation: Operation, body: &[u8]) -> dynoxide::Result<Vec<u8>> {
        let asked = if operation.name == "TransactWriteItems" { Asked::read(body) } else { None };
        let now = self.clock.now_unix_secs();
        let Writer { storage, replays } = writer;
        match asked.as_ref().map_or(Seen::Never, |asked| replays.look_up(now, asked)) {
            Seen::Done(answer) => return Ok(answer),
            Seen::WithOtherContent => {
                let words = "the token was used with other content".to_owned();
                return Err(DynoxideError::IdempotentParameterMismatchException(words));
            }
            Seen::Never => {}
        }
        let answer = self.context(storage, operation).run(body)?;
        if let Some(asked) = asked {
            replays.remember(now, asked, &answer);
        }
        self.written.send_modify(|writes| *writes += 1);
        Ok(answer)
    }

    /// A connection remembers the tables it has met, so the readers begin anew.
    fn change(&self, writer: &Writer, operation: Operation, body: &[u8]) -> dynoxide::Result<Vec<u8>> {
        let answer = self.context(&writer.storage, operation).run(body)?;
        let failed = |error: Error| DynoxideError::InternalServerError(error.to_string());
        expiry::prepare(&writer.storage).map_err(failed)?;
        self.tables.forget();
        for (reader, path) in self.readers.iter().zip(self.path.iter().cycle()) {
            *reader.lock().unwrap_or_else(PoisonError::into_inner) = open(path, &self.clock).map_err(failed)?;
        }
        Ok(answer)
    }

    fn context<'a>(&'a self, storage: &'a Storage, operation: Operation) -> Context<'a> {
        Context { storage, indexes: &self.indexes, meter: &self.meter, operation }
    }

    /// A connection that is free, else the first to be. There are some: see [`Self::turn`].
    fn reader(&self) -> ReaderGuard<'_, Storage> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads with the engine's own functions, on a thread that may block.
    pub(super) fn reading<T>(&self, read: impl FnOnce(&Storage) -> Result<T, Error>) -> Result<T, Error> {
        match self.readers.first() {
            Some(_) => read(&self.reader()),
            None => read(&self.writer.blocking_lock().storage),
        }
    }

    pub(crate) fn create_table(&self, definition: &Definition) -> Result<(), Error> {
        let there = self.reading(|storage| Ok(storage.get_table_metadata(&definition.name)?))?;
        if let Some(there) = there {
            definition.same_as(&there)?;
            return expiry::prepare(&self.writer.blocking_lock().storage);
        }
        for (name, body) in definition.requests()? {
            let operation = Operation::of_target(name).ok_or_else(|| Error::Definition(name.to_owned()))?;
            self.change(&self.writer.blocking_lock(), operation, &body)?;
        }
        Ok(())
    }

    /// Others write between its pages.
    pub(crate) fn sweep(&self) -> Result<usize, Error> {
        let now = self.clock.now_unix_secs();
        let (mut deleted, mut more) = (0, true);
        while more {
            let page;
            (page, more) = expiry::delete_page(&self.writer.blocking_lock().storage, now)?;
            deleted += page;
            if page > 0 {
                self.written.send_modify(|writes| *writes += 1);
            }
        }
        let horizon = now.saturating_sub(STREAM_RETENTION_SECONDS);
        let mut writer = self.writer.blocking_lock();
        let transaction = writer.storage.conn_mut().transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM _stream_records WHERE created_at < ?1", [horizon.cast_signed()])?;
        transaction.commit()?;
        Ok(deleted)
    }
}

fn open(path: &Path, clock: &Arc<dyn Clock>) -> Result<Storage, Error> {
    let text = path.to_str().ok_or_else(|| Error::Path(path.to_owned()))?;
    prepared(Storage::new(text)?, clock)
}

fn prepared(storage: Storage, clock: &Arc<dyn Clock>) -> Result<Storage, Error> {
    let storage = storage.with_clock(Arc::clone(clock));
    let connection = storage.conn();
    connection.execute_batch(sqlite::SETTINGS)?;
    connection.execute_batch(STREAM_ORDER)?;
    connection.execute_batch(STREAM_AGE)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(storage)
}

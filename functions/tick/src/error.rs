use domain::{Denied, Invalid};
use runtime::NotWired;
use store::{CommitError, QueueError, ReadError, StoreError};

/// Something due could not be looked at; it is still due in the next minute.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The due index names what cannot be an id.
    #[error("a due record has no good id: {0}")]
    Id(#[from] Invalid),
    /// The clock lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The clock has no queue.
    #[error(transparent)]
    NotWired(#[from] NotWired),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The queue did not take a message.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

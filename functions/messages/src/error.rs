use runtime::NotWired;
use store::{CommitError, FileError, ReadError, StoreError};

/// A message was not dealt with; the queue hands it out again, and in the end to the dead letters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undone {
    /// What the queue brought names no message.
    #[error("the body names no message: {0}")]
    Malformed(serde_json::Error),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its record could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file that goes with it could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The function lacks something.
    #[error(transparent)]
    NotWired(#[from] NotWired),
    /// Its record could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

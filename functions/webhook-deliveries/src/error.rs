use runtime::NotWired;
use store::{CommitError, ReadError, StoreError};

/// A step was not done; the queue hands it out again, and in the end to the dead letters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undone {
    /// What the queue brought is no step.
    #[error("not a step: {0}")]
    Malformed(serde_json::Error),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// What is sent cannot be written: a fault of ours.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
    /// The function lacks something.
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

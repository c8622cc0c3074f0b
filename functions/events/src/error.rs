use domain::{Denied, Invalid};
use runtime::NotWired;
use store::{CommitError, FileError, ReadError, StoreError};

/// A change could not be followed; it comes again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfollowed {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The bytes of a file could not be removed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The function lacks something.
    #[error(transparent)]
    NotWired(#[from] NotWired),
    /// The follower lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// An event names what cannot be an id.
    #[error("an event has no good id: {0}")]
    Id(#[from] Invalid),
}

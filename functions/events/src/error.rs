use domain::{Denied, Invalid};
use store::{CommitError, ReadError, StoreError};

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
    /// The follower lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// An event names what cannot be an id.
    #[error("an event has no good id: {0}")]
    Id(#[from] Invalid),
}

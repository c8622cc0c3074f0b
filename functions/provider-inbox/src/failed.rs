//! Why a delivery was not dealt with.

use jiff::Timestamp;
use providers::SendError;
use providers::inbound::Unreadable;
use providers::inbound::sns::Unfetched;
use runtime::{Missed, NotWired, raced};
use store::{CommitError, FileError, ReadError, Refused, StoreError};

/// A delivery could not be read or written: its message comes again, and in the end goes to the dead letters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undone {
    #[error("not a step: {0}")]
    Malformed(serde_json::Error),
    #[error("others changed the same records each time")]
    Crossed,
    #[error("nobody knows yet whose mail it is about")]
    Early,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
    #[error("a file was not looked at: {0}")]
    NotLookedAt(#[from] tokio::task::JoinError),
}

/// Why a handler did not do what a delivery tells.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It never will: what was told makes no sense.
    #[error("{0}")]
    Senseless(String),
    /// What it is about is not there yet; later it may be.
    #[error("{0}")]
    Early(&'static str),
    /// Its provider did not tell the rest of it; later it may.
    #[error("{0}")]
    NotTold(String),
    /// Its provider failed so often that it is not asked before this.
    #[error("its provider fails and is left alone for now")]
    LeftAlone(Timestamp),
    /// Another writer was faster.
    #[error("raced")]
    Raced,
    /// Our own side failed.
    #[error(transparent)]
    Undone(#[from] Undone),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Undone(error.into())
    }
}

impl From<CommitError> for Failed {
    fn from(error: CommitError) -> Self {
        // What is marked as done was done by another worker a moment ago.
        let is_marked = matches!(error, CommitError::Refused { refused: Refused::Guard, .. });
        if is_marked || raced(&error) { Self::Raced } else { Self::Undone(error.into()) }
    }
}

impl From<NotWired> for Failed {
    fn from(error: NotWired) -> Self {
        Self::Undone(error.into())
    }
}

impl From<Unreadable> for Failed {
    fn from(error: Unreadable) -> Self {
        Self::Senseless(error.to_string())
    }
}

impl From<Unfetched> for Failed {
    fn from(error: Unfetched) -> Self {
        Self::NotTold(error.to_string())
    }
}

/// What was asked of a provider, and how it answered.
impl From<SendError> for Failed {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused(why) => Self::Senseless(why),
            SendError::NotTaken { why, rest: _ } | SendError::Unknown(why) => Self::NotTold(why),
        }
    }
}

/// A record that its claim leads to and that is not there was deleted in between.
impl From<ReadError> for Failed {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::Raced,
            ReadError::Store(error) => Self::Undone(error.into()),
        }
    }
}

impl From<Missed> for Failed {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::Raced => Self::Raced,
            Missed::Invalid(wrong) => {
                let fields: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                Self::Senseless(fields.join("; "))
            }
            Missed::Store(error) => Self::Undone(error.into()),
        }
    }
}

use domain::Denied;
use runtime::NotWired;
use store::{CommitError, FileError, QueueError, ReadError, StoreError};

/// A step could not be done now; the queue hands it out again, and in the end to the dead letters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    /// The message is no step.
    #[error("the message is no step of a job: {0}")]
    Malformed(serde_json::Error),
    /// A file of ours cannot be read or written as JSON.
    #[error("the file of a chunk cannot be read or written: {0}")]
    Chunk(serde_json::Error),
    /// The mapping kept with the job is none.
    #[error("the job's mapping cannot be used")]
    Mapping,
    /// Others changed the same leads or the same job each time.
    #[error("others wrote the same records each time")]
    Contended,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    NotWired(#[from] NotWired),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The step's task broke off.
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

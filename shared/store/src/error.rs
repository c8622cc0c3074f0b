//! What can go wrong, in words that callers match on.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

/// The database could not answer. The cause is for the log, never for a caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is busy or out of reach; the same call may go through later.
    #[error("the table is busy: {operation}: {cause}")]
    Busy {
        /// The call.
        operation: &'static str,
        /// Its words.
        cause: String,
    },
    /// It refused the call: a fault of ours.
    #[error("the table refused {operation}: {cause}")]
    Broken {
        /// The call.
        operation: &'static str,
        /// Its words.
        cause: String,
    },
    /// A stored item cannot be read back.
    #[error("the item {key} cannot be read: {cause}")]
    Unreadable {
        /// Its partition key.
        key: String,
        /// Why.
        cause: String,
    },
}

impl StoreError {
    /// Whether the same call may go through later.
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    pub(crate) fn from_sdk<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let cause = format!("{}", aws_smithy_types::error::display::DisplayErrorContext(error));
        let busy = match error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            SdkError::ServiceError(context) => matches!(
                context.err().code(),
                Some(
                    "ProvisionedThroughputExceededException"
                        | "ThrottlingException"
                        | "RequestLimitExceeded"
                        | "InternalServerError"
                        | "TransactionConflictException"
                        | "TransactionInProgressException"
                        | "ServiceUnavailable"
                )
            ),
            _ => false,
        };
        if busy { Self::Busy { operation, cause } } else { Self::Broken { operation, cause } }
    }

    pub(crate) fn unreadable(key: &str, cause: impl std::fmt::Display) -> Self {
        Self::Unreadable { key: key.to_owned(), cause: cause.to_string() }
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Broken { operation: "build", cause: error.to_string() }
    }
}

/// A record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there, or not the caller's to see: the two look the same on purpose.
    #[error("there is no such record")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was read, if it is there.
pub fn there<R>(read: Result<R, ReadError>) -> Result<Option<R>, StoreError> {
    match read {
        Ok(record) => Ok(Some(record)),
        Err(ReadError::NotFound) => Ok(None),
        Err(ReadError::Store(error)) => Err(error),
    }
}

/// A change was refused; nothing of its transaction was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The record has changed since it was read.
    #[error("the record has changed since it was read")]
    Conflict,
    /// A record of this id exists already.
    #[error("a record of this id exists already")]
    Exists,
    /// Another live record holds this value.
    #[error("{field} is taken")]
    Taken {
        /// The field.
        field: &'static str,
        /// The holder's id, where the table told.
        holder: Option<String>,
    },
    /// The record is out of the caller's rows, or gone.
    #[error("there is no such record")]
    Gone,
    /// A condition of the caller's own beside the records did not hold.
    #[error("a condition did not hold")]
    Guard,
}

/// A transaction did not go through.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A change was refused; `index` says which of the transaction's changes, in the order given.
    #[error("change {index}: {refused}")]
    Refused {
        /// Which change.
        index: usize,
        /// Why.
        refused: Refused,
        /// Every refusal, this first one included, for callers that can drop the refused ones and go on.
        all: Vec<(usize, Refused)>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    pub(crate) fn refused(index: usize, refused: Refused) -> Self {
        Self::Refused { index, all: vec![(index, refused.clone())], refused }
    }
}

use std::path::PathBuf;

/// Why a stand-in could not be opened, read or served. What an SDK call answers is never one of these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The DynamoDB engine refused.
    #[error("dynamodb: {0}")]
    Dynamo(#[from] dynoxide::DynoxideError),
    /// `SQLite` refused.
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A file, folder or socket refused.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The folder of the S3 stand-in cannot be used.
    #[error("s3 folder {0}: {1}")]
    Folder(PathBuf, String),
    /// `SQLite` takes its path as text.
    #[error("not a UTF-8 path: {0}")]
    Path(PathBuf),
    /// A definition lacks a member, or is not one.
    #[error("definition: {0}")]
    Definition(String),
    /// The table is there, with other keys or indexes than the definition's.
    #[error("table {0} exists with other keys or indexes; remove its data to create it anew")]
    TableDiffers(String),
    /// There is no such table, or it has no stream.
    #[error("table {0} has no stream")]
    NoStream(String),
    /// SQS refused.
    #[error("sqs: {0}")]
    Refused(String),
    /// There is no such queue.
    #[error("no queue named {0}")]
    NoQueue(String),
}

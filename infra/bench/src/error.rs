use local::StartError;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("{what}: {cause}")]
    Io { what: String, cause: std::io::Error },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Standins(#[from] standins::Error),
    #[error(transparent)]
    NotIdle(#[from] local::NotIdle),
    #[error("{0}")]
    Store(String),
    /// An answer is not what it should be.
    #[error("{request}: {answer}")]
    Answer { request: String, answer: String },
    /// Something took longer than it ever should.
    #[error("{0} took too long")]
    TooLong(String),
    /// A task that measures broke off.
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

impl BenchError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |cause| Self::Io { what, cause }
    }

    pub(crate) fn answer(request: impl Into<String>, answer: impl std::fmt::Display) -> Self {
        let mut answer = answer.to_string();
        answer.truncate(answer.floor_char_boundary(500));
        Self::Answer { request: request.into(), answer }
    }
}

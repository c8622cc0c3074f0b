//! Calling a function: its own task, its timeout, its crash.

use std::time::Duration;

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It took longer than the template allows.
    #[error("the function was stopped after {0:?}")]
    TimedOut(Duration),
    /// It panicked.
    #[error("the function crashed")]
    Crashed,
    /// It said that it failed.
    #[error("the function failed: {0}")]
    Error(String),
}

/// Runs a function as Lambda would: apart from its caller, no longer than `timeout`.
pub(crate) async fn call<T: Send + 'static>(
    timeout: Duration,
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::spawn(tokio::time::timeout(timeout, work)).await {
        Ok(Ok(answer)) => answer.map_err(Failure::Error),
        Ok(Err(_)) => {
            tracing::error!(?timeout, "a function took too long");
            Err(Failure::TimedOut(timeout))
        }
        Err(error) => {
            tracing::error!(%error, "a function crashed");
            Err(Failure::Crashed)
        }
    }
}

/// A message could not be handed over to its provider.
///
/// The words are kept with the message for whoever looks at it; what else is known goes to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It will not be taken, however often it is tried: a bad address, no provider.
    #[error("{0}")]
    Refused(String),
    /// It was not taken this time, or nobody knows whether it was.
    #[error("{0}")]
    NotTaken(String),
}

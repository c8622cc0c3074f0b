use jiff::SignedDuration;

/// A message could not be handed over to its provider.
///
/// The words are kept with the message for whoever looks at it: they hold no secret, no number, no address and nothing of
/// what the message says. What else is known goes to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It will not be taken, however often it is tried: a bad address, no provider.
    #[error("{0}")]
    Refused(String),
    /// It was not taken this time.
    #[error("{why}")]
    NotTaken {
        /// Why.
        why: String,
        /// How long the provider wants to be left alone.
        rest: Option<SignedDuration>,
    },
    /// Nobody knows whether it was taken: it was on its way to its provider, whose answer did not come or tells nothing.
    #[error("{0}")]
    Unknown(String),
}

impl SendError {
    /// The same of what goes before a message, which surely was not taken then.
    #[must_use]
    pub(crate) fn surely(self) -> Self {
        match self {
            Self::Unknown(why) => Self::not_taken(why),
            known => known,
        }
    }

    /// It was not taken this time, and no rest is asked for.
    pub fn not_taken(why: impl Into<String>) -> Self {
        Self::NotTaken { why: why.into(), rest: None }
    }
}

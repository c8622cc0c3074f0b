//! Text messages (SMS). Each provider is a [`TextSender`].

use crate::SendError;

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Our id of it: the same at each try, for providers that tell repeats by it.
    pub id: String,
    /// Who gets it: a number in the form of E.164.
    pub to: String,
    /// Its text.
    pub text: String,
}

/// Hands text messages to a provider.
#[async_trait::async_trait]
pub trait TextSender: std::fmt::Debug + Send + Sync {
    /// Hands one over and returns the provider's id of it.
    async fn send(&self, text: &TextMessage) -> Result<String, SendError>;
}

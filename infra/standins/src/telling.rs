//! What becomes of messages, as the provider that carried one tells it.

use crate::{Callback, Error};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It arrived.
    Delivered,
    /// Its receiver read it.
    Read,
    /// It does not arrive.
    Failed,
    /// It came back for good: there is no such mailbox.
    Bounced,
    /// Its receiver called it unwanted.
    Complained,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Delivered, Self::Read, Self::Failed, Self::Bounced, Self::Complained];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == name)
    }
}

/// A call that a provider makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Where to.
    pub url: String,
    /// What it says.
    pub callback: Callback,
}

/// Why a provider tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum Untold {
    /// It did not take the message.
    #[error("the provider did not carry this message")]
    NotCarried,
    /// Nobody asked it to.
    #[error("the provider was given no address to call")]
    NoAddress,
    /// It does not tell such things.
    #[error("the provider tells nothing of the kind")]
    NotOfTheKind,
    /// The double is broken.
    #[error(transparent)]
    Broken(#[from] Error),
}

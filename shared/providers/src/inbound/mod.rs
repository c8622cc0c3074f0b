//! Webhooks in: whether a request comes from the provider that it says it comes from.
//!
//! Each scheme looks at the bytes as they came, before anything of them is read, and compares in constant time. Time is an
//! argument. A refusal says why for the log; a caller is told nothing.

pub mod mail;
pub mod meta;
pub mod msg91;
pub mod ses;
pub mod sns;
pub mod standard;
pub mod twilio;

use http::HeaderMap;

/// A request is not its provider's, or is no longer good. For the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// What should sign it is missing or cannot be read.
    #[error("it is not signed")]
    Unsigned,
    /// It is too old, or from the future.
    #[error("its time is out of bounds")]
    Stale,
    /// The signature is another one.
    #[error("its signature is not good")]
    Mismatch,
    /// Our secret is no secret of this scheme.
    #[error("our own secret cannot be read")]
    Secret,
}

/// What became of a message that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// The provider has it.
    Accepted,
    /// It is on its way to the recipient's machine.
    Sent,
    /// It is there.
    Delivered,
    /// It was looked at.
    Read,
    /// It will not get there.
    Failed,
}

/// A genuine request does not read as what its provider documents. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub(crate) String);

impl From<serde_json::Error> for Unreadable {
    /// Where it is wrong, and nothing of what stands there.
    fn from(error: serde_json::Error) -> Self {
        Self(format!("it is not what is documented, in line {} at {}", error.line(), error.column()))
    }
}

/// A request's time may be so far from ours, in seconds.
pub const TOLERANCE: i64 = 300;

/// A header that must be there once, as text.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Forged> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).ok_or(Forged::Unsigned)?;
    if values.next().is_some() { Err(Forged::Unsigned) } else { Ok(value.trim()) }
}

#[cfg(test)]
mod tests;

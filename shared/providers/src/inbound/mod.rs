//! Webhooks in: whether a request comes from the provider that it says it comes from.
//!
//! Each scheme looks at the bytes as they came, before anything of them is read, and compares in constant time. Time is an
//! argument. A refusal says why for the log; a caller is told nothing.

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

//! Webhooks: telling machines elsewhere, at addresses that people give us.
//!
//! The address decides what our own network is asked, so it is guarded: `https` alone, and no address that is not public,
//! neither written as such nor behind a name, looked at after the name was resolved and with no second look-up between the
//! look and the connection. Redirects are not followed; of the answer the status, a few headers and the beginning of the
//! body are read, and no more, however long it is.

mod guard;
mod reach;

use jiff::Timestamp;

pub use guard::GuardedWebhooks;
pub(crate) use guard::{GuardedClient, look_up};
pub use reach::{NotPublic, Reach};

/// What a machine is told.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookCall {
    /// Our id of it: the same at each try, for receivers that tell repeats by it. Sent as `webhook-id`, by the names of the
    /// Standard Webhooks specification.
    pub id: String,
    /// Its address.
    pub url: String,
    /// The JSON it gets.
    pub body: String,
    /// When; sent as `webhook-timestamp`.
    pub at: Timestamp,
    /// Signatures of the three, each under another secret, sent together as `webhook-signature`; none for what is not
    /// signed.
    pub signatures: Vec<String>,
    /// Headers beside ours, by names in small letters that are none of ours.
    pub headers: Vec<(String, String)>,
}

/// Its address and its headers may hold what lets somebody in, its body what is somebody's.
impl std::fmt::Debug for WebhookCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookCall").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a machine answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookAnswer {
    /// Its status. A redirect is one like any other.
    pub status: u16,
    /// A few of its headers, by names in small letters: `content-type`, `retry-after`, `server` and ids of requests.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body, 1 KB at most; what is no UTF-8 in it is replaced.
    pub body: String,
}

impl WebhookAnswer {
    /// Whether the machine took it.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// A header, where it is one of the few.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A machine was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// The address is not one of the public internet.
    #[error("the address is not public")]
    Forbidden,
    /// It could not be reached: nothing was asked of it.
    #[error("it could not be reached")]
    Unreachable,
    /// It broke off before it answered.
    #[error("it broke off before it answered")]
    BrokeOff,
    /// It took too long.
    #[error("it took longer than 5 seconds")]
    TimedOut,
}

impl WebhookRefused {
    /// Stable, part of the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forbidden => "webhook_forbidden",
            Self::Unreachable => "webhook_unreachable",
            Self::BrokeOff => "webhook_broke_off",
            Self::TimedOut => "webhook_timed_out",
        }
    }
}

/// Tells machines.
#[async_trait::async_trait]
pub trait WebhookCaller: std::fmt::Debug + Send + Sync {
    /// Tells one, by `POST`, and returns what it answered.
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookRefused>;
}

#[cfg(test)]
mod tests;

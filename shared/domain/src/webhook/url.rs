//! Where an endpoint is.

use std::str::FromStr;

use crate::values::wire_text;
use crate::{HttpsUrl, Invalid};

/// The address of a machine that is told: `https`, or `http` where it is on the very machine that runs the platform, for
/// those who develop. Whether it may be asked at all is for the guard of the outside to say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebhookUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        // What holds for any other address holds for one of this machine.
        let read = match text.strip_prefix("http://") {
            Some(rest) if is_here(rest) => {
                format!("https://{rest}").parse::<HttpsUrl>().map(|url| url.as_str().replacen("https", "http", 1))
            }
            _ => text.parse::<HttpsUrl>().map(|url| url.as_str().to_owned()),
        };
        let url = read?;
        if url.contains('#') {
            return Err(Invalid::new("not_https", "must not have a fragment"));
        }
        Ok(Self(url))
    }
}

/// Whether what stands behind the scheme begins with a name of this machine.
fn is_here(rest: &str) -> bool {
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    matches!(host, Some("localhost" | "127.0.0.1" | "::1"))
}

wire_text!(WebhookUrl, |schema| schema
    .pattern(Some("^https?://"))
    .max_length(Some(2_048))
    .examples([serde_json::json!("https://hooks.example.com/sampark")]));

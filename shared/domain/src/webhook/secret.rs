//! What webhooks are signed with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How a secret begins, as the Standard Webhooks specification asks.
const BEGIN: &str = "whsec_";
/// The specification asks for 24 to 64 random bytes.
const BYTES: usize = 32;

/// A symmetric secret: `whsec_` and 32 random bytes in base 64. It is shown by [`Self::text`] alone.
///
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme>
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookSecret(String);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// A secret of these random bytes.
    pub fn new(random: [u8; BYTES]) -> Self {
        Self(format!("{BEGIN}{}", STANDARD.encode(random)))
    }

    /// The whole text, for its owner.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The signature of a call: `v1,` and, in base 64, the HMAC-SHA-256 over its id, its time in seconds and its body,
    /// with points between them.
    pub fn sign(&self, id: &str, at: Timestamp, body: &str) -> String {
        // What was made by `new` decodes; what was damaged signs with nothing, and no receiver takes it.
        let key = self.0.strip_prefix(BEGIN).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        for part in [id, ".", &at.as_second().to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

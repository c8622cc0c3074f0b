//! Services of others that an organization may be connected to, and what each of them needs.

use crate::values::wire_enum;

wire_enum! {
    /// A service of others that an organization is connected to.
    Provider, "unknown_provider",
    /// A telephone system that tells of its calls by Standard Webhooks.
    Telephony = "telephony",
    /// Twilio, which tells of calls and of text messages.
    Twilio = "twilio",
}

/// A secret that a connection needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialKind {
    /// Its name in `credentials`.
    pub name: &'static str,
    /// Whether the connection is configured without it.
    pub required: bool,
}

const fn needed(name: &'static str) -> CredentialKind {
    CredentialKind { name, required: true }
}

impl Provider {
    /// The secrets that it knows.
    pub const fn credentials(self) -> &'static [CredentialKind] {
        const TELEPHONY: &[CredentialKind] = &[needed(SIGNING_SECRET)];
        const TWILIO: &[CredentialKind] = &[needed(AUTH_TOKEN)];
        match self {
            Self::Telephony => TELEPHONY,
            Self::Twilio => TWILIO,
        }
    }
}

/// What signs what a telephone system tells: `whsec_` and 24 to 64 bytes in base 64, as Standard Webhooks has it.
pub const SIGNING_SECRET: &str = "signing_secret";
/// What signs what Twilio tells, and opens its API.
pub const AUTH_TOKEN: &str = "auth_token";

//! Services of others that an organization may be connected to, and what each of them needs.

use crate::ContactChannel;
use crate::values::wire_enum;

wire_enum! {
    /// A service of others that an organization is connected to.
    Provider, "unknown_provider",
    /// A telephone system that tells of its calls by Standard Webhooks.
    Telephony = "telephony",
    /// Twilio, which tells of calls, and sends text messages.
    Twilio = "twilio",
    /// MSG91, which sends text messages.
    Msg91 = "msg91",
    /// WhatsApp's Cloud API.
    Whatsapp = "whatsapp",
    /// Facebook, whose lead ads bring leads.
    Facebook = "facebook",
    /// A mail server that takes the organization's mail.
    Smtp = "smtp",
    /// Amazon SES, in an account of the organization's own.
    Ses = "ses",
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

const fn welcome(name: &'static str) -> CredentialKind {
    CredentialKind { name, required: false }
}

impl Provider {
    /// The secrets that it knows.
    pub const fn credentials(self) -> &'static [CredentialKind] {
        const TELEPHONY: &[CredentialKind] = &[needed(SIGNING_SECRET)];
        const TWILIO: &[CredentialKind] = &[needed(AUTH_TOKEN)];
        const MSG91: &[CredentialKind] = &[needed(AUTH_KEY), welcome(VERIFY_TOKEN)];
        const META: &[CredentialKind] = &[needed(ACCESS_TOKEN), needed(APP_SECRET), needed(VERIFY_TOKEN)];
        const SMTP: &[CredentialKind] = &[welcome(PASSWORD)];
        const SES: &[CredentialKind] = &[welcome(ACCESS_KEY_ID), welcome(SECRET_ACCESS_KEY)];
        match self {
            Self::Telephony => TELEPHONY,
            Self::Twilio => TWILIO,
            Self::Msg91 => MSG91,
            Self::Whatsapp | Self::Facebook => META,
            Self::Smtp => SMTP,
            Self::Ses => SES,
        }
    }

    /// The way to reach somebody that it offers.
    pub const fn channel(self) -> Option<ContactChannel> {
        match self {
            Self::Twilio | Self::Msg91 => Some(ContactChannel::Sms),
            Self::Whatsapp => Some(ContactChannel::Whatsapp),
            Self::Smtp | Self::Ses => Some(ContactChannel::Email),
            Self::Telephony | Self::Facebook => None,
        }
    }

    /// Whether it calls an address of ours.
    pub const fn tells(self) -> bool {
        !matches!(self, Self::Smtp)
    }
}

/// What signs what a telephone system tells: `whsec_` and 24 to 64 bytes in base 64, as Standard Webhooks has it.
pub const SIGNING_SECRET: &str = "signing_secret";
/// What signs what Twilio tells, and opens its API.
pub const AUTH_TOKEN: &str = "auth_token";
/// What opens MSG91's API.
pub const AUTH_KEY: &str = "auth_key";
/// What Meta says when it asks whether an address is ours, and what the address that MSG91 calls ends with: a word of the
/// organization's own.
pub const VERIFY_TOKEN: &str = "verify_token";
/// What opens Meta's Graph API, of a system user.
pub const ACCESS_TOKEN: &str = "access_token";
/// What signs what Meta tells.
pub const APP_SECRET: &str = "app_secret";
/// What a mail server lets in.
pub const PASSWORD: &str = "password";
/// Whose key of AWS signs what goes to SES.
pub const ACCESS_KEY_ID: &str = "access_key_id";
/// The key itself.
pub const SECRET_ACCESS_KEY: &str = "secret_access_key";

//! Whether somebody outside may be written to: what they agreed to, what stands against it, and what an organization
//! asks of its own sending.
//!
//! All that is known of an address or number hangs on its [`ReachabilityId`], which is derived from its keyed hash: who
//! knows the address finds its record with one read, and who has the table alone does not learn the address.

mod consent;
mod may_send;
mod reachability;
mod settings;
mod suppression;
mod wish;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use consent::{Consent, ConsentDetails, ConsentState, Recording};
pub use may_send::{Dlt, DltCategory, Facts, Refusal, Verdict, may_send};
pub use reachability::{ConsentStanding, DoNotDisturb, Reachability, WINDOW};
pub use settings::{Caps, CommunicationSettings, DltSettings, QuietHours, SettingsPatch};
pub(crate) use settings::{check_dlt, is_dlt_id};
pub use suppression::{Suppression, SuppressionDetails, SuppressionReason};
pub use wish::{WISH, Wish};

use crate::values::wire_enum;
use crate::{EmailAddress, Invalid, LeadId, PersonalFields, Phone, ReachabilityId, Recipient, Region};

wire_enum! {
    /// A way to reach somebody.
    ContactChannel, "unknown_channel",
    /// E-mail.
    Email = "email",
    /// Text messages.
    Sms = "sms",
    /// WhatsApp.
    Whatsapp = "whatsapp",
    /// Voice calls.
    Phone = "phone",
}

wire_enum! {
    /// What somebody is reached for.
    ContactPurpose, "unknown_purpose",
    /// Offers, campaigns, invitations to buy.
    Marketing = "marketing",
    /// What keeps an existing relation going: reminders, renewals, appointments.
    Service = "service",
    /// What follows from something they did: receipts, confirmations.
    Transactional = "transactional",
}

impl ContactChannel {
    /// Whether it goes to a number.
    pub const fn needs_phone(self) -> bool {
        !matches!(self, Self::Email)
    }
}

/// Where somebody is reached: an address or a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ContactAddress {
    /// An e-mail address.
    Email(EmailAddress),
    /// A number.
    Phone(Phone),
}

impl ContactAddress {
    /// The form by which addresses are compared and hashed.
    pub fn canonical(&self) -> String {
        match self {
            Self::Email(address) => address.normalized(),
            Self::Phone(number) => number.as_str().to_owned(),
        }
    }

    /// As somebody sees it who sees these fields in the clear.
    pub fn seen(&self, clear: PersonalFields) -> String {
        match self {
            Self::Email(address) => clear.email(address),
            Self::Phone(number) => clear.phone(number),
        }
    }

    /// Refuses a channel that does not go there.
    pub fn fits(&self, channel: ContactChannel) -> Result<(), Invalid> {
        if channel.needs_phone() == matches!(self, Self::Phone(_)) {
            Ok(())
        } else if channel.needs_phone() {
            Err(Invalid::new("needs_phone", "goes to a phone number, not to an e-mail address"))
        } else {
            Err(Invalid::new("needs_email", "goes to an e-mail address, not to a phone number"))
        }
    }

    /// Whether it is a number of India, whose operators ask for registered senders and texts (DLT).
    pub fn is_indian(&self) -> bool {
        matches!(self, Self::Phone(number) if number.as_str().starts_with("+91"))
    }
}

/// As people write it: with an `@` an e-mail address, else a number, dialled in India where it has no country code.
impl FromStr for ContactAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.contains('@') {
            text.parse().map(Self::Email)
        } else {
            Phone::parse(text, Region::default()).map(Self::Phone)
        }
    }
}

/// The address or number that a message goes to, and over which channel; none where it goes to a device, which is one of
/// the organization's own people's.
pub fn contact_of(to: &Recipient) -> Option<(ContactChannel, ContactAddress)> {
    match to {
        Recipient::Email(address) => Some((ContactChannel::Email, ContactAddress::Email(address.clone()))),
        Recipient::Whatsapp(number) => Some((ContactChannel::Whatsapp, ContactAddress::Phone(number.clone()))),
        Recipient::Sms(number) => Some((ContactChannel::Sms, ContactAddress::Phone(number.clone()))),
        Recipient::Push(_) => None,
    }
}

/// What makes a message one to somebody outside, who may object: messages of the platform itself have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outreach {
    /// What for.
    pub purpose: ContactPurpose,
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// Their zone, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The registration of its text, for SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dlt: Option<Dlt>,
    /// Whether it says what its provider holds no template of, for WhatsApp.
    #[serde(default)]
    pub is_free: bool,
}

impl Outreach {
    /// The zone of the person, where it is known and there is such a zone.
    pub fn time_zone(&self) -> Option<jiff::tz::TimeZone> {
        self.zone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok())
    }
}

//! The one decision before each message to somebody outside.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{CommunicationSettings, ConsentState, ContactChannel, ContactPurpose, QuietHours, SuppressionReason};
use crate::values::wire_enum;

wire_enum! {
    /// Why a message is not sent; stable, part of the API.
    Refusal, "unknown_refusal",
    /// The address or number is suppressed for a fault of its own or by the organization.
    Suppressed = "suppressed",
    /// Its owner wants no marketing.
    Unsubscribed = "unsubscribed",
    /// Its owner withdrew their consent.
    ConsentWithdrawn = "consent_withdrawn",
    /// The organization asks for a consent, and there is none.
    NoConsent = "no_consent",
    /// The number stands on the national do-not-disturb list.
    DoNotDisturb = "do_not_disturb",
    /// Its owner was written to often enough today.
    FrequencyCap = "frequency_cap",
    /// The organization's DLT entity, or the header or template of the text, is missing.
    DltIncomplete = "dlt_incomplete",
    /// The text is registered for another purpose.
    DltCategory = "dlt_category",
    /// Its owner did not write within the last 24 hours, so that WhatsApp takes approved templates alone.
    WindowClosed = "window_closed",
}

/// The registration of an SMS's text with the operators of India.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dlt {
    /// Whose text it is; the organization's own entity where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
    /// The id of the registered text: 19 digits.
    pub template_id: String,
    /// The header it comes from; the organization's where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What it is registered for.
    pub category: DltCategory,
}

wire_enum! {
    /// What an SMS's text is registered for.
    DltCategory, "unknown_dlt_category",
    /// Offers.
    Promotional = "promotional",
    /// Codes and what follows from a payment.
    Transactional = "transactional",
    /// What a customer expects without having agreed.
    ServiceImplicit = "service_implicit",
    /// What a customer agreed to, offers among it.
    ServiceExplicit = "service_explicit",
}

impl DltCategory {
    const fn allows(self, purpose: ContactPurpose) -> bool {
        match purpose {
            ContactPurpose::Marketing => matches!(self, Self::Promotional | Self::ServiceExplicit),
            ContactPurpose::Service | ContactPurpose::Transactional => !matches!(self, Self::Promotional),
        }
    }
}

/// What is known of a contact and their organization before a message.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What the organization asks.
    pub settings: CommunicationSettings,
    /// What the contact last said of this channel and purpose.
    pub consent: Option<ConsentState>,
    /// Why the address or number is suppressed on this channel, where it is.
    pub suppression: Option<SuppressionReason>,
    /// Whether it stands on the national do-not-disturb list.
    pub dnd: bool,
    /// Whether the number is one of India.
    pub indian: bool,
    /// The zone of the contact.
    pub zone: TimeZone,
    /// How many marketing messages went there today (in UTC) over this channel.
    pub sent_today: u32,
    /// The registration of the text, for SMS.
    pub dlt: Option<Dlt>,
    /// Whether the text is none of the provider's templates, for WhatsApp.
    pub is_free: bool,
    /// Until when the contact may be written to in whatever words, for WhatsApp.
    pub window_until: Option<Timestamp>,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Send,
    /// It is looked at again then, which is later than now and outside quiet hours.
    Defer(Timestamp),
    /// It is not sent.
    Refuse(Refusal),
}

/// Whether a message may be sent now. What speaks against it for good comes first, then what speaks against this
/// moment; the cap comes last, as it is that of the day on which the message would go.
pub fn may_send(channel: ContactChannel, purpose: ContactPurpose, facts: &Facts, now: Timestamp) -> Verdict {
    match refusal(channel, purpose, facts, now) {
        Some(refusal) => return Verdict::Refuse(refusal),
        None if purpose != ContactPurpose::Marketing => return Verdict::Send,
        None => {}
    }
    if let Some(until) = facts.settings.quiet_hours.and_then(|quiet| quiet.ends_after(now, &facts.zone)) {
        return Verdict::Defer(until);
    }
    match facts.settings.caps.of(channel) {
        Some(cap) if facts.sent_today >= cap => Verdict::Refuse(Refusal::FrequencyCap),
        _ => Verdict::Send,
    }
}

/// What speaks against a message whenever it would go.
fn refusal(channel: ContactChannel, purpose: ContactPurpose, facts: &Facts, now: Timestamp) -> Option<Refusal> {
    let marketing = purpose == ContactPurpose::Marketing;
    match facts.suppression {
        Some(SuppressionReason::Unsubscribe) if marketing => return Some(Refusal::Unsubscribed),
        Some(SuppressionReason::Dnd) if marketing => return Some(Refusal::DoNotDisturb),
        Some(reason) if reason.is_against(purpose) => return Some(Refusal::Suppressed),
        _ => {}
    }
    match facts.consent {
        Some(ConsentState::Withdrawn) => return Some(Refusal::ConsentWithdrawn),
        None if marketing && facts.settings.require_consent => return Some(Refusal::NoConsent),
        _ => {}
    }
    // The list is one of those who want no calls and texts; it knows no other channel.
    if marketing && facts.dnd && matches!(channel, ContactChannel::Sms | ContactChannel::Phone) {
        return Some(Refusal::DoNotDisturb);
    }
    match channel {
        ContactChannel::Sms if facts.indian => dlt(purpose, facts),
        ContactChannel::Whatsapp if facts.is_free && facts.window_until.is_none_or(|until| until <= now) => {
            Some(Refusal::WindowClosed)
        }
        _ => None,
    }
}

fn dlt(purpose: ContactPurpose, facts: &Facts) -> Option<Refusal> {
    let own = &facts.settings.dlt;
    let registered = facts.dlt.as_ref();
    let has_entity = registered.is_some_and(|dlt| dlt.entity_id.is_some()) || own.entity_id.is_some();
    let has_header = registered.is_some_and(|dlt| dlt.header.is_some()) || own.header.is_some();
    if own.required && (!has_entity || registered.is_none() || !has_header) {
        return Some(Refusal::DltIncomplete);
    }
    registered.filter(|dlt| !dlt.category.allows(purpose)).map(|_| Refusal::DltCategory)
}

impl QuietHours {
    /// Whether they are on at a time of day.
    pub fn hold(self, time: jiff::civil::Time) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }

    /// When those end that are on at `now` in a zone; `None` where none are. Where a clock is put forward over their
    /// end, they end with the next moment that there is; where it is put back, at the first that comes after now.
    pub fn ends_after(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let quiet = |at: Timestamp| self.hold(at.to_zoned(zone.clone()).time());
        if !quiet(now) {
            return None;
        }
        let today = now.to_zoned(zone.clone()).date();
        let end = (0..4).find_map(|days| {
            let end = zone.to_ambiguous_zoned(today.checked_add(days.days()).ok()?.to_datetime(self.to));
            let moments = [end.clone().earlier(), end.clone().later(), end.compatible()];
            moments
                .into_iter()
                .filter_map(|moment| Some(moment.ok()?.timestamp()))
                .filter(|at| *at > now && !quiet(*at))
                .min()
        });
        // Not within days: hours that leave a moment of the day which the zone leaves out for days do not exist.
        Some(end.unwrap_or(now + SignedDuration::from_hours(24)))
    }
}

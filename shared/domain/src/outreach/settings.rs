//! What an organization asks of its own sending.

use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::ContactChannel;
use crate::record::{Meta, Record};
use crate::{Change, CommunicationSettingsId, FieldInvalid, Invalid, Label, OrganizationId};

/// The hours of a day in which nobody is sent marketing, in their own zone: from `from` (included) to `to` (excluded),
/// over midnight where `from` is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// They begin.
    pub from: Time,
    /// They end.
    pub to: Time,
}

/// Nine in the evening to nine in the morning, as India's telecom regulator keeps commercial calls out of the night
/// (Telecom Commercial Communications Customer Preference Regulations, 2018, <https://www.trai.gov.in>).
impl Default for QuietHours {
    fn default() -> Self {
        Self { from: Time::constant(21, 0, 0, 0), to: Time::constant(9, 0, 0, 0) }
    }
}

/// At most so many marketing messages a day to one address or number, by channel; `None` for any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// E-mails.
    pub email: Option<u32>,
    /// Text messages.
    pub sms: Option<u32>,
    /// WhatsApp messages.
    pub whatsapp: Option<u32>,
    /// Calls.
    pub phone: Option<u32>,
}

impl Default for Caps {
    fn default() -> Self {
        Self { email: Some(10), sms: Some(5), whatsapp: Some(5), phone: Some(5) }
    }
}

impl Caps {
    /// That of a channel.
    pub const fn of(&self, channel: ContactChannel) -> Option<u32> {
        match channel {
            ContactChannel::Email => self.email,
            ContactChannel::Sms => self.sms,
            ContactChannel::Whatsapp => self.whatsapp,
            ContactChannel::Phone => self.phone,
        }
    }
}

/// An organization's registration with the operators of India (DLT), without which they deliver no commercial SMS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DltSettings {
    /// Its id as an entity: 19 digits.
    pub entity_id: Option<String>,
    /// The header that its SMS come from, where a template names none: 3 to 6 letters or digits.
    pub header: Option<String>,
    /// Whether an SMS to a number of India without a registered text is refused here, before an operator does.
    pub required: bool,
}

/// What an organization asks of its own sending. One record an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommunicationSettings {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID.
    pub id: CommunicationSettingsId,
    /// When nobody is sent marketing; `None` for never.
    pub quiet_hours: Option<QuietHours>,
    /// How often somebody is.
    pub caps: Caps,
    /// Whether marketing needs a consent in the ledger; else it is enough that nobody withdrew one.
    pub require_consent: bool,
    /// The registration for SMS.
    pub dlt: DltSettings,
    /// What people read as the sender of e-mails; the platform's name where it is absent.
    pub sender_name: Option<Label>,
    /// Whether openings and clicks of e-mails are counted; where not, those of none are, whatever an e-mail says itself.
    #[serde(default = "yes")]
    pub tracking: bool,
}

const fn yes() -> bool {
    true
}

/// A merge update: `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct SettingsPatch {
    /// When nobody is sent marketing.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// How often somebody is.
    pub caps: Option<Caps>,
    /// Whether marketing needs a consent.
    pub require_consent: Option<bool>,
    /// The registration for SMS.
    pub dlt: Option<DltSettings>,
    /// The sender of e-mails.
    pub sender_name: Option<Option<Label>>,
    /// Whether openings and clicks are counted.
    pub tracking: Option<bool>,
}

/// Whether a text may be the id of an entity or a template: the operators' portals give both 19 digits.
pub(crate) fn is_dlt_id(text: &str) -> bool {
    text.len() == 19 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks a DLT entity's id, and a header of 3 to 6 letters or digits.
pub(crate) fn check_dlt(entity: Option<&str>, header: Option<&str>) -> Vec<FieldInvalid> {
    let mut wrong = Vec::new();
    if entity.is_some_and(|id| !is_dlt_id(id)) {
        wrong.push(FieldInvalid::new("entity_id", Invalid::new("not_an_entity_id", "must have 19 digits")));
    }
    let is_header = |text: &str| (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if header.is_some_and(|header| !is_header(header)) {
        wrong.push(FieldInvalid::new("header", Invalid::new("not_a_header", "must have 3 to 6 letters or digits")));
    }
    wrong
}

impl CommunicationSettings {
    /// The id of an organization's settings.
    pub const fn id_of(organization: OrganizationId) -> CommunicationSettingsId {
        CommunicationSettingsId::from_uuid(organization.uuid())
    }

    /// What holds where nobody has said anything.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(organization),
            quiet_hours: Some(QuietHours::default()),
            caps: Caps::default(),
            require_consent: false,
            dlt: DltSettings::default(),
            sender_name: None,
            tracking: true,
        }
    }

    /// Changes them.
    pub fn update(self, patch: SettingsPatch, now: Timestamp) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let SettingsPatch { quiet_hours, caps, require_consent, dlt, sender_name, tracking } = patch;
        let mut wrong = Vec::new();
        if quiet_hours.flatten().is_some_and(|hours| hours.from == hours.to) {
            let invalid = Invalid::new("empty", "must not end when they begin: null is never");
            wrong.push(FieldInvalid::new("quiet_hours", invalid));
        }
        if let Some(dlt) = &dlt {
            let of_dlt = check_dlt(dlt.entity_id.as_deref(), dlt.header.as_deref());
            wrong.extend(of_dlt.into_iter().map(|error| error.within("dlt")));
            if dlt.required && dlt.entity_id.is_none() {
                wrong.push(FieldInvalid::new("dlt.entity_id", Invalid::required()));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.quiet_hours = quiet_hours.unwrap_or(after.quiet_hours);
        after.caps = caps.unwrap_or(after.caps);
        after.require_consent = require_consent.unwrap_or(after.require_consent);
        after.dlt = dlt.unwrap_or(after.dlt);
        after.sender_name = sender_name.unwrap_or(after.sender_name);
        after.tracking = tracking.unwrap_or(after.tracking);
        let kind = "communication_settings.updated";
        Ok(if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) })
    }
}

impl Record for CommunicationSettings {
    const KIND: &'static str = "communication_settings";
    type Id = CommunicationSettingsId;

    fn id(&self) -> CommunicationSettingsId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
}

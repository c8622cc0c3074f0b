//! What an organization asks of its own sending.

pub(crate) mod update;
pub(crate) mod view;

use domain::CommunicationSettings;
use domain::outreach::{Caps, DltSettings};
use serde::Serialize;
use utoipa::ToSchema;

/// What an organization asks of its own sending.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommunicationSettingsView {
    /// When nobody is sent marketing, in their own zone: such messages wait. `null` for never.
    #[schema(required)]
    quiet_hours: Option<QuietHoursView>,
    /// At most so many messages of marketing a day (UTC) to one address or number; `null` for any number.
    daily_caps: DailyCaps,
    /// Whether marketing needs a consent in the ledger.
    require_consent: bool,
    /// The registration for SMS in India.
    dlt: DltView,
    /// What people read as the sender of e-mails.
    #[schema(required)]
    sender_name: Option<String>,
    /// Whether openings and clicks of e-mails are counted; where not, those of none are, whatever an e-mail says itself.
    tracking: bool,
}

/// Hours of a day, over midnight where they begin later than they end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketingQuietHours)]
pub(crate) struct QuietHoursView {
    /// `21:00`.
    from: String,
    /// `09:00`, the first time that is not quiet.
    to: String,
}

/// Caps by channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DailyCaps {
    #[schema(required)]
    email: Option<u32>,
    #[schema(required)]
    sms: Option<u32>,
    #[schema(required)]
    whatsapp: Option<u32>,
    #[schema(required)]
    phone: Option<u32>,
}

/// The registration for SMS in India.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DltSettings)]
pub(crate) struct DltView {
    /// 19 digits.
    #[schema(required)]
    entity_id: Option<String>,
    /// The header that SMS come from where their template names none: 3 to 6 letters or digits.
    #[schema(required)]
    header: Option<String>,
    /// Whether an SMS to India without a registered text is refused.
    required: bool,
}

impl From<CommunicationSettings> for CommunicationSettingsView {
    fn from(settings: CommunicationSettings) -> Self {
        let CommunicationSettings { meta: _, id: _, quiet_hours, caps, require_consent, dlt, sender_name, tracking } =
            settings;
        let Caps { email, sms, whatsapp, phone } = caps;
        let DltSettings { entity_id, header, required } = dlt;
        let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        Self {
            quiet_hours: quiet_hours.map(|hours| QuietHoursView { from: time(hours.from), to: time(hours.to) }),
            daily_caps: DailyCaps { email, sms, whatsapp, phone },
            require_consent,
            dlt: DltView { entity_id, header, required },
            sender_name: sender_name.map(|name| name.to_string()),
            tracking,
        }
    }
}

//! What a campaign is, where it stands, and what its variants are held against each other by.

use crate::ContactChannel;
use crate::values::wire_enum;

wire_enum! {
    /// What a campaign says it goes over.
    CampaignType, "unknown_type",
    /// E-mail.
    Email = "email",
    /// Text messages.
    Sms = "sms",
    /// WhatsApp.
    Whatsapp = "whatsapp",
    /// Calls, which people make.
    Phone = "phone",
    /// Several channels, each where those before it do not reach.
    MultiChannel = "multi_channel",
}

wire_enum! {
    /// Where a campaign stands.
    CampaignStatus, "unknown_status",
    /// It is being written.
    Draft = "draft",
    /// It begins at its time.
    Scheduled = "scheduled",
    /// It is under way.
    Active = "active",
    /// It was halted, and may go on.
    Paused = "paused",
    /// Everybody was written to.
    Completed = "completed",
    /// It was ended before everybody was.
    Cancelled = "cancelled",
    /// It could not go on.
    Failed = "failed",
}

wire_enum! {
    /// When a campaign begins.
    ScheduleType, "unknown_schedule_type",
    /// As it is launched.
    Immediate = "immediate",
    /// At a time.
    Scheduled = "scheduled",
}

wire_enum! {
    /// What the variants of a campaign are held against each other by, each a part of the messages that were delivered.
    WinnerMetric, "unknown_metric",
    /// Those that were looked at.
    Opens = "open_rate",
    /// Those of which a link was followed.
    Clicks = "click_rate",
    /// Those that were answered.
    Responses = "response_rate",
    /// Those whose receiver became what the campaign is for.
    Conversions = "conversion_rate",
}

impl CampaignType {
    /// The channel that it names; none where it is several.
    pub const fn channel(self) -> Option<ContactChannel> {
        match self {
            Self::Email => Some(ContactChannel::Email),
            Self::Sms => Some(ContactChannel::Sms),
            Self::Whatsapp => Some(ContactChannel::Whatsapp),
            Self::Phone => Some(ContactChannel::Phone),
            Self::MultiChannel => None,
        }
    }

    /// That of channels: the one's, or several.
    pub const fn of(channels: &[ContactChannel]) -> Option<Self> {
        match channels {
            [] => None,
            [ContactChannel::Email] => Some(Self::Email),
            [ContactChannel::Sms] => Some(Self::Sms),
            [ContactChannel::Whatsapp] => Some(Self::Whatsapp),
            [ContactChannel::Phone] => Some(Self::Phone),
            _ => Some(Self::MultiChannel),
        }
    }
}

impl CampaignStatus {
    /// Whether it has begun and not ended.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }

    /// Whether it may be written still.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }
}

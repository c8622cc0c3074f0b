//! What a communication is, who spoke, and where it stands.

use crate::ContactChannel;
use crate::values::wire_enum;

wire_enum! {
    /// How somebody was spoken to.
    CommunicationType, "unknown_type",
    /// E-mail.
    Email = "email",
    /// A text message.
    Sms = "sms",
    /// WhatsApp.
    Whatsapp = "whatsapp",
    /// A telephone call.
    Call = "call",
    /// A meeting.
    Meeting = "meeting",
    /// A letter.
    Letter = "letter",
    /// A chat elsewhere.
    Chat = "chat",
}

wire_enum! {
    /// Who spoke.
    CommunicationDirection, "unknown_direction",
    /// They did.
    Inbound = "inbound",
    /// We did.
    Outbound = "outbound",
}

wire_enum! {
    /// Where a communication stands. What a provider carries is moved on by its reports alone, and never back.
    CommunicationStatus, "unknown_status",
    /// It is to be sent, or to be had, at its time.
    Scheduled = "scheduled",
    /// It waits to be handed over.
    Queued = "queued",
    /// A provider has it.
    Sent = "sent",
    /// It got nowhere.
    Failed = "failed",
    /// It is with whom it goes to.
    Delivered = "delivered",
    /// They looked at it.
    Read = "read",
    /// It was taken back before it went.
    Cancelled = "cancelled",
    /// It came from them.
    Received = "received",
    /// It was had, or done elsewhere.
    Completed = "completed",
}

impl CommunicationType {
    /// The channel over which it is sent from here; none where people do it themselves.
    pub const fn channel(self) -> Option<ContactChannel> {
        match self {
            Self::Email => Some(ContactChannel::Email),
            Self::Sms => Some(ContactChannel::Sms),
            Self::Whatsapp => Some(ContactChannel::Whatsapp),
            Self::Call | Self::Meeting | Self::Letter | Self::Chat => None,
        }
    }

    /// That of a channel.
    pub const fn of(channel: ContactChannel) -> Self {
        match channel {
            ContactChannel::Email => Self::Email,
            ContactChannel::Sms => Self::Sms,
            ContactChannel::Whatsapp => Self::Whatsapp,
            ContactChannel::Phone => Self::Call,
        }
    }
}

impl CommunicationStatus {
    /// How far a message has come; of two reports the farther one counts, in whatever order they arrive. `None` for what no
    /// report moves.
    pub const fn progress(self) -> Option<u8> {
        match self {
            Self::Scheduled => Some(0),
            Self::Queued => Some(1),
            Self::Sent => Some(2),
            Self::Failed => Some(3),
            Self::Delivered => Some(4),
            Self::Read => Some(5),
            Self::Cancelled | Self::Received | Self::Completed => None,
        }
    }
}

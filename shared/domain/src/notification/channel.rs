//! The ways in which somebody can be told, and what of a type goes which way where nobody chose otherwise.

use serde::{Deserialize, Serialize};

use super::NotificationType;
use crate::Invalid;
use crate::values::wire_enum;

wire_enum! {
    /// A way in which a notification reaches its receiver.
    #[derive(PartialOrd, Ord)]
    #[schema(as = NotificationChannel)]
    Channel, "unknown_channel",
    /// In the inbox of the product.
    InApp = "in_app",
    /// By e-mail.
    Email = "email",
    /// By text message.
    Sms = "sms",
    /// On their devices, by Web Push.
    Push = "push",
}

impl Channel {
    /// Whether a type goes this way where nobody chose otherwise. By text message it does as by e-mail, but text messages
    /// are off altogether until somebody turns them on.
    pub const fn is_usual(self, kind: NotificationType) -> bool {
        use NotificationType::{Alert, Assignment, Error};
        match self {
            Self::InApp | Self::Push => true,
            Self::Email | Self::Sms => matches!(kind, Alert | Assignment | Error),
        }
    }
}

/// Some of the channels, each once, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Channels(Vec<Channel>);

impl Channels {
    /// These; at least one.
    pub fn new(mut channels: Vec<Channel>) -> Result<Self, Invalid> {
        channels.sort_unstable();
        channels.dedup();
        if channels.is_empty() {
            return Err(Invalid::new("required", "must name a channel"));
        }
        Ok(Self(channels))
    }

    /// Whether it is one of them.
    pub fn has(&self, channel: Channel) -> bool {
        self.0.contains(&channel)
    }
}

/// What somebody chose for a type, channel by channel; where they did not, what is usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// In the inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_app: Option<bool>,
    /// By e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    /// By text message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<bool>,
    /// On their devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<bool>,
}

impl Choices {
    /// What was chosen for a channel.
    pub const fn of(self, channel: Channel) -> Option<bool> {
        match channel {
            Channel::InApp => self.in_app,
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Push => self.push,
        }
    }

    /// Chooses, or leaves it to what is usual.
    pub const fn set(&mut self, channel: Channel, choice: Option<bool>) {
        match channel {
            Channel::InApp => self.in_app = choice,
            Channel::Email => self.email = choice,
            Channel::Sms => self.sms = choice,
            Channel::Push => self.push = choice,
        }
    }

    /// Whether nothing was chosen.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

//! Notifications: what people are told inside the product, and the inbox that each of them has.
//!
//! A notification is one record; who received it has an [`Inbox`], which counts what is there and says up to where
//! everything is read. The two change in one transaction, so that the figures are exact at any moment.

mod channel;
mod inbox;
mod preferences;
mod quiet;

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{List, Meta, Record, Slot};
use crate::values::{Line, Note};
use crate::{
    BroadcastId, Change, CustomFields, Event, Invalid, Label, LeadId, NotificationId, OrganizationId, Priority, UserId,
};

pub use channel::{Channel, Channels, Choices};
pub use inbox::{Figures, Full, Inbox, MAX_EXPIRING};
pub use preferences::{ChoicesPatch, DigestTime, Frequency, NotificationPreferences, PreferencesPatch, zone_of};
pub use quiet::{Minute, QuietHours, Weekday};

/// What a notification is about: the words of all three products.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema, Default,
)]
#[serde(rename_all = "snake_case")]
pub enum NotificationType {
    /// Something needs looking at.
    Alert,
    /// Something was given to the receiver.
    Assignment,
    /// A call.
    Call,
    /// Something failed.
    Error,
    /// Good to know.
    #[default]
    Info,
    /// A lead.
    Lead,
    /// Something is due.
    Reminder,
    /// Something went well.
    Success,
    /// From the platform or the organization itself.
    System,
    /// Something changed.
    Update,
    /// Take care.
    Warning,
}

impl NotificationType {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Alert,
        Self::Assignment,
        Self::Call,
        Self::Error,
        Self::Info,
        Self::Lead,
        Self::Reminder,
        Self::Success,
        Self::System,
        Self::Update,
        Self::Warning,
    ];

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Assignment => "assignment",
            Self::Call => "call",
            Self::Error => "error",
            Self::Info => "info",
            Self::Lead => "lead",
            Self::Reminder => "reminder",
            Self::Success => "success",
            Self::System => "system",
            Self::Update => "update",
            Self::Warning => "warning",
        }
    }
}

impl FromStr for NotificationType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|kind| text.eq_ignore_ascii_case(kind.as_str())).ok_or_else(|| {
            Invalid::new(
                "unknown_type",
                "must be alert, assignment, call, error, info, lead, reminder, success, system, update or warning",
            )
        })
    }
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// One line.
    pub title: Line<255>,
    /// The rest.
    pub message: Note,
    /// The lead it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// The student it is about, by whatever id the frontend knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student_id: Option<Label>,
    /// Where a click leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_url: Option<Line<2000>>,
    /// What the click is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_label: Option<Label>,
    /// Whatever the sender adds.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub metadata: CustomFields,
}

impl Notice {
    /// A notice of a title and a message.
    pub fn new(title: Line<255>, message: Note) -> Self {
        Self {
            title,
            message,
            lead_id: None,
            student_id: None,
            action_url: None,
            action_label: None,
            metadata: CustomFields::default(),
        }
    }

    /// A notice in our own words around names that people gave; they are cut where they are long.
    pub fn of_ours(title: &str, message: &str) -> Option<Self> {
        let cut = |text: &str, most| text.chars().take(most).collect::<String>();
        Some(Self::new(cut(title, 255).parse().ok()?, cut(message, 4_000).parse().ok()?))
    }
}

/// Refuses an address that a click must not lead to: it must be a path of the frontend, or https.
pub fn check_action(address: &str) -> Result<(), Invalid> {
    let path = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
    let secure = address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if path || secure { Ok(()) } else { Err(Invalid::new("bad_url", "must be a path such as /leads, or https://…")) }
}

/// A notification on its way to somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Arriving {
    /// Its id: derived from what asked for it, where that may ask twice.
    pub id: NotificationId,
    /// Who receives it.
    pub user: UserId,
    /// What it is about.
    pub kind: NotificationType,
    /// How urgent it is.
    pub priority: Priority,
    /// What it says.
    pub notice: Notice,
    /// When it is gone by itself.
    pub expires_at: Option<Timestamp>,
    /// Who sent it; `None` for the platform.
    pub created_by: Option<UserId>,
    /// What it is a part of.
    pub broadcast: Option<BroadcastId>,
    /// The channels that its sender asks for, in the place of what is usual.
    pub channels: Option<Channels>,
}

impl Arriving {
    /// What an event asks for: with the event's id, so that one that comes again makes none twice.
    pub fn by(event: &Event, user: UserId, kind: NotificationType, notice: Notice) -> Self {
        let id = NotificationId::from_uuid(event.id.uuid());
        let (priority, created_by) = (Priority::Normal, event.actor.user());
        Self { id, user, kind, priority, notice, expires_at: None, created_by, broadcast: None, channels: None }
    }
}

/// Something that somebody was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// What every record carries. Among those of one receiver no two were created at the same time.
    pub meta: Meta,
    /// Its id.
    pub id: NotificationId,
    /// Who received it.
    pub user: UserId,
    /// What it is about.
    pub kind: NotificationType,
    /// How urgent it is.
    pub priority: Priority,
    /// What it says.
    pub notice: Notice,
    /// When it is gone by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Who sent it; `None` for the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    /// What it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastId>,
    /// The channels that its sender asked for, in the place of what is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Channels>,
    /// When it was read by itself; the [`Inbox`] knows of those that were read with all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

impl Notification {
    fn new(arriving: Arriving, organization: OrganizationId, at: Timestamp) -> Self {
        let Arriving { id, user, kind, priority, notice, expires_at, created_by, broadcast, channels } = arriving;
        let meta = Meta::new(organization, at);
        Self { meta, id, user, kind, priority, notice, expires_at, created_by, broadcast, channels, read_at: None }
    }

    /// Whether it is gone by itself.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Its receiver does not want it in their inbox: it is kept, read from the moment it came.
    pub fn read_on_arrival(self) -> Change<Self> {
        let at = self.meta.created_at;
        self.read(at)
    }

    /// Whether it was read from the moment it came, which its receiver did not see.
    pub fn was_read_on_arrival(&self) -> bool {
        self.read_at == Some(self.meta.created_at)
    }

    /// Its receiver has read it.
    pub fn read(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        (after.read_at, after.meta.updated_at) = (Some(now), now);
        Change::update(self, after, "notification.read")
    }
}

impl Record for Notification {
    const KIND: &'static str = "notification";
    type Id = NotificationId;

    fn id(&self) -> NotificationId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![List::new(Slot::One, "user", self.user)];
        lists.extend(self.read_at.is_none().then(|| List::new(Slot::Two, "unread", self.user)));
        lists
    }
    fn expires(&self) -> Option<Timestamp> {
        self.expires_at
    }
    const SEALED: &'static [&'static str] = &["notice"];
}

#[cfg(test)]
mod tests;

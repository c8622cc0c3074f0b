//! How somebody wants to be told: over which channels, when not, and what of it at once a day or a week.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{Channel, Channels, Choices, Notification, NotificationType, QuietHours, Weekday};
use crate::record::{Meta, Record};
use crate::values::wire_enum;
use crate::{Change, OrganizationId, PreferencesId, Priority, User, UserId};

wire_enum! {
    /// How often what would be e-mailed one by one is e-mailed as a digest.
    Frequency, "unknown_frequency",
    /// Never: each by itself.
    Off = "off",
    /// Every day.
    Daily = "daily",
    /// Every week.
    Weekly = "weekly",
}

/// When digests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DigestTime {
    /// How often.
    pub frequency: Frequency,
    /// At this hour of the person's day, 0 to 23.
    pub hour: i8,
    /// On this day, where they come weekly.
    pub weekday: Weekday,
}

impl Default for DigestTime {
    fn default() -> Self {
        Self { frequency: Frequency::Off, hour: 8, weekday: Weekday::Monday }
    }
}

impl DigestTime {
    /// When the next one comes after a moment, on the clock of a zone.
    pub fn next_after(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let hour = Time::new(self.hour, 0, 0, 0).ok()?;
        let today = at.to_zoned(zone.clone()).date();
        let on = |date: Date| zone.to_timestamp(date.to_datetime(hour)).ok();
        let fits = |date: &Date| match self.frequency {
            Frequency::Off => false,
            Frequency::Daily => true,
            Frequency::Weekly => Weekday::of(*date) == self.weekday,
        };
        // A week and a day: today's hour may be over.
        let days = (0..=7).filter_map(|ahead| today.checked_add(ahead.days()).ok());
        days.filter(fits).filter_map(on).find(|moment| *moment > at)
    }

    /// Whether digests come at all.
    pub const fn is_on(self) -> bool {
        !matches!(self.frequency, Frequency::Off)
    }
}

/// How somebody wants to be told in one organization. What they never want, whatever the organization, their profile says
/// ([`NotificationChoices`](crate::user::NotificationChoices)): a channel that is off there is off here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotificationPreferences {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the user's UUID, so that it is found without a look-up.
    pub id: PreferencesId,
    /// Whose they are.
    pub user: UserId,
    /// What they chose, type by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<NotificationType, Choices>,
    /// When they are not to be disturbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Whether what is urgent comes all the same, in quiet hours and beside a digest.
    pub urgent_passes: bool,
    /// When digests come.
    pub digest: DigestTime,
    /// Up to where digests told what there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digested_through: Option<Timestamp>,
    /// When the next digest comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_digest_at: Option<Timestamp>,
}

/// A merge update: `None` keeps, `Some(None)` goes back to what is usual.
#[derive(Debug, Clone, Default)]
pub struct PreferencesPatch {
    /// By type: all of it goes back, or channel by channel.
    pub types: BTreeMap<NotificationType, Option<ChoicesPatch>>,
    /// When they are not to be disturbed.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// Whether what is urgent comes all the same.
    pub urgent_passes: Option<Option<bool>>,
    /// How often digests come.
    pub frequency: Option<Option<Frequency>>,
    /// At which hour.
    pub hour: Option<Option<i8>>,
    /// On which day.
    pub weekday: Option<Option<Weekday>>,
}

/// What changes of a type, by channel.
pub type ChoicesPatch = Vec<(Channel, Option<bool>)>;

impl NotificationPreferences {
    /// The id of a user's.
    pub const fn id_of(user: UserId) -> PreferencesId {
        PreferencesId::from_uuid(user.uuid())
    }

    /// Those of somebody who chose nothing.
    pub fn new(organization: OrganizationId, user: UserId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(user),
            user,
            types: BTreeMap::new(),
            quiet_hours: None,
            urgent_passes: true,
            digest: DigestTime::default(),
            digested_through: None,
            next_digest_at: None,
        }
    }

    /// Whether a type goes over a channel: what they chose counts first, then what was `asked` for, then what is usual.
    /// `all` is what their profile says.
    pub fn wants(&self, kind: NotificationType, channel: Channel, asked: Option<&Channels>, all: &User) -> bool {
        let profile = all.preferences.notifications;
        let open = match channel {
            Channel::InApp => true,
            Channel::Email => profile.email,
            Channel::Sms => profile.sms,
            Channel::Push => profile.push,
        };
        let chosen = self.types.get(&kind).and_then(|choices| choices.of(channel));
        open && chosen.unwrap_or_else(|| asked.map_or(channel.is_usual(kind), |asked| asked.has(channel)))
    }

    /// Whether a notification goes over a channel by itself: e-mail that a digest will tell does not.
    pub fn sends(&self, notification: &Notification, channel: Channel, all: &User) -> bool {
        let digested = channel == Channel::Email && self.digest.is_on() && !self.passes(notification.priority);
        !digested && self.wants(notification.kind, channel, notification.channels.as_ref(), all)
    }

    /// Until when something of this priority has to wait, if it has to.
    pub fn waits_until(&self, priority: Priority, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.quiet_hours.as_ref().filter(|_| !self.passes(priority))?.until(now, zone)
    }

    fn passes(&self, priority: Priority) -> bool {
        self.urgent_passes && priority == Priority::Urgent
    }

    /// Changes them; `zone` is the person's.
    pub fn update(self, patch: PreferencesPatch, zone: &TimeZone, now: Timestamp) -> Change<Self> {
        let PreferencesPatch { types, quiet_hours, urgent_passes, frequency, hour, weekday } = patch;
        let mut after = self.clone();
        for (kind, choices) in types {
            let kept = after.types.entry(kind).or_default();
            match choices {
                None => *kept = Choices::default(),
                Some(choices) => choices.into_iter().for_each(|(channel, choice)| kept.set(channel, choice)),
            }
        }
        after.types.retain(|_, choices| !choices.is_empty());
        after.quiet_hours = quiet_hours.unwrap_or(after.quiet_hours);
        after.urgent_passes = urgent_passes.map_or(after.urgent_passes, |passes| passes.unwrap_or(true));
        let usual = DigestTime::default();
        after.digest = DigestTime {
            frequency: frequency.map_or(after.digest.frequency, |given| given.unwrap_or(usual.frequency)),
            hour: hour.map_or(after.digest.hour, |given| given.unwrap_or(usual.hour)),
            weekday: weekday.map_or(after.digest.weekday, |given| given.unwrap_or(usual.weekday)),
        };
        if after.digest != self.digest {
            after.next_digest_at = after.digest.next_after(now, zone);
            // What came before digests were wanted was told one by one.
            after.digested_through = if after.digest.is_on() { after.digested_through.or(Some(now)) } else { None };
        }
        after.becomes(self, "notification_preferences.updated", now)
    }

    /// A digest was made of all there was; the next one comes after this moment, however long the clock stood.
    pub fn digested(self, zone: &TimeZone, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.digested_through = Some(now);
        after.next_digest_at = after.digest.next_after(now, zone);
        after.becomes(self, "notification_preferences.digested", now)
    }

    fn becomes(mut self, before: Self, kind: &'static str, now: Timestamp) -> Change<Self> {
        if before.meta.version == 0 {
            return Change::create(self, kind);
        }
        if self != before {
            self.meta.updated_at = now;
        }
        Change::update(before, self, kind)
    }
}

/// The zone of a person: their own, else `organization`'s.
pub fn zone_of(user: &User, organization: &TimeZone) -> TimeZone {
    let own = user.preferences.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
    own.unwrap_or_else(|| organization.clone())
}

impl Record for NotificationPreferences {
    const KIND: &'static str = "notification_preferences";
    type Id = PreferencesId;

    fn id(&self) -> PreferencesId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn due(&self) -> Option<Timestamp> {
        self.next_digest_at
    }
    const DERIVED: &'static [&'static str] = &["digested_through", "next_digest_at"];
}

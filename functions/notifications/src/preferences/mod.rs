//! How somebody wants to be told.

pub(crate) mod update;
pub(crate) mod view;

use std::collections::BTreeMap;

use domain::notification::{Channel, DigestTime, Minute, QuietHours, Weekday, zone_of};
use domain::user::NotificationChoices;
use domain::{Caller, Grant, NotificationPreferences, NotificationType, OrganizationId, User, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::ReadError;
use utoipa::ToSchema;
use web::{App, Problem, SignedIn};

/// How somebody wants to be told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreferences)]
pub(crate) struct PreferencesView {
    user_id: UserId,
    /// What reaches them at all, in every organization: the `preferences.notifications` of their profile.
    channels: NotificationChoices,
    /// Every type, and the channels it goes over; what a channel above shuts, goes nowhere.
    #[schema(value_type = BTreeMap<String, WaysView>)]
    types: BTreeMap<&'static str, WaysView>,
    /// When they are not to be disturbed: what comes then waits. In the inbox it is at once.
    #[schema(required)]
    quiet_hours: Option<QuietHoursView>,
    /// Whether what is urgent comes all the same, in quiet hours and beside a digest.
    urgent_passes: bool,
    /// When what would be e-mailed one by one comes as one e-mail.
    digest: DigestTime,
    /// When the next digest comes.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    next_digest_at: Option<Timestamp>,
    /// The IANA zone of days and hours: the person's, else the organization's.
    timezone: String,
}

/// The channels of a type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationWays)]
#[expect(clippy::struct_excessive_bools, reason = "one a channel, as people read them")]
struct WaysView {
    /// Where it is off, such a notification is kept as read.
    in_app: bool,
    email: bool,
    sms: bool,
    push: bool,
}

/// Hours in which nobody is disturbed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuietHours)]
struct QuietHoursView {
    #[schema(value_type = String, example = "22:00")]
    start: Minute,
    #[schema(value_type = String, example = "07:00")]
    end: Minute,
    /// The days on which they begin.
    days: Vec<Weekday>,
    /// Whose clock counts, where it is not the person's.
    #[schema(required)]
    timezone: Option<String>,
}

/// Somebody's preferences, with what they are read together with.
struct Chosen {
    preferences: NotificationPreferences,
    person: User,
    zone: jiff::tz::TimeZone,
}

impl Chosen {
    /// The caller's, as they are now: 2 reads.
    async fn of(app: &App, signed_in: &SignedIn, grant: &Grant) -> Result<Self, Problem> {
        let now = app.now();
        let everyone = Caller::system(OrganizationId::PLATFORM, "notifications").own();
        let (preferences, person) = futures::try_join!(
            async { app.table().notification_preferences(grant, signed_in.user, now).await.map_err(ReadError::Store) },
            app.table().get_to_change::<User>(&everyone, signed_in.user),
        )?;
        let zone = zone_of(&person, &app.organization(grant).await?.time_zone());
        Ok(Self { preferences, person, zone })
    }

    fn view(&self) -> PreferencesView {
        let Self { preferences, person, zone } = self;
        let chosen = |kind: NotificationType, channel: Channel| {
            let choice = preferences.types.get(&kind).and_then(|choices| choices.of(channel));
            choice.unwrap_or_else(|| channel.is_usual(kind))
        };
        let ways = |kind| WaysView {
            in_app: chosen(kind, Channel::InApp),
            email: chosen(kind, Channel::Email),
            sms: chosen(kind, Channel::Sms),
            push: chosen(kind, Channel::Push),
        };
        let quiet_hours = preferences.quiet_hours.clone().map(|quiet| {
            let QuietHours { start, end, days, zone: timezone } = quiet;
            QuietHoursView { start, end, days, timezone }
        });
        PreferencesView {
            user_id: preferences.user,
            channels: person.preferences.notifications,
            types: NotificationType::ALL.into_iter().map(|kind| (kind.as_str(), ways(kind))).collect(),
            quiet_hours,
            urgent_passes: preferences.urgent_passes,
            digest: preferences.digest,
            next_digest_at: preferences.next_digest_at,
            timezone: zone.iana_name().unwrap_or("UTC").to_owned(),
        }
    }
}

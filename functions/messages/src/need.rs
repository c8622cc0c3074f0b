//! Whether what a message carries is still wanted when it can be sent: people read, choose and leave meanwhile.

use domain::message::Recipient;
use domain::notification::{Channel, zone_of};
use domain::{Caller, Grant, Membership, Message, Notification, Organization, OrganizationId, User, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use runtime::Platform;
use store::{StoreError, there};

/// What is left to be done for a message.
pub(crate) enum Need {
    /// It is to be sent.
    There,
    /// It need not be sent any more.
    Gone(&'static str),
    /// Its receiver is not to be disturbed until then.
    Later(Timestamp),
}

/// Looks at what a message carries, where that is a notification: 5 reads, and 1 more in quiet hours.
pub(crate) async fn need(
    platform: &Platform,
    grant: &Grant,
    message: &Message,
    now: Timestamp,
) -> Result<Need, StoreError> {
    let Some(id) = message.notification else { return Ok(Need::There) };
    let table = platform.table();
    let Some(notification): Option<Notification> = there(table.get_to_change(grant, id).await)? else {
        return Ok(Need::Gone("it was deleted"));
    };
    if notification.is_expired(now) {
        return Ok(Need::Gone("it has expired"));
    }
    let user = notification.user;
    let (inbox, preferences, person, member) = tokio::try_join!(
        table.inbox(grant, user, now),
        table.notification_preferences(grant, user, now),
        person(platform, user),
        async { there::<Membership>(table.get(grant, Membership::id_of(user)).await) },
    )?;
    if inbox.is_seen(&notification) {
        return Ok(Need::Gone("it was read"));
    }
    let Some(person) = person.filter(|_| member.is_some_and(|member| member.is_active())) else {
        return Ok(Need::Gone("its receiver is not there any more"));
    };
    if !preferences.sends(&notification, channel(&message.to), &person) {
        return Ok(Need::Gone("its receiver does not want it"));
    }
    if preferences.quiet_hours.is_none() {
        return Ok(Need::There);
    }
    let organization: Option<Organization> = there(table.get(grant, grant.organization()).await)?;
    let zone = organization.map_or(TimeZone::UTC, |organization| organization.time_zone());
    let until = preferences.waits_until(notification.priority, now, &zone_of(&person, &zone));
    Ok(until.map_or(Need::There, Need::Later))
}

async fn person(platform: &Platform, user: UserId) -> Result<Option<User>, StoreError> {
    let everyone = Caller::system(OrganizationId::PLATFORM, "messages").own();
    there(platform.table().get(&everyone, user).await)
}

const fn channel(to: &Recipient) -> Channel {
    match to {
        Recipient::Email(_) => Channel::Email,
        Recipient::Sms(_) => Channel::Sms,
        Recipient::Push(_) => Channel::Push,
    }
}

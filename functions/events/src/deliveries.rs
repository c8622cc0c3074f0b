//! New notifications, beyond the inbox: by e-mail, by text message, to devices, as their receiver wants it.
//!
//! Each way is a message whose id is derived from the notification and the way, so that an event which comes again, late,
//! or to two workers at the same time, makes none twice. In the receiver's quiet hours it waits for their end.

use std::num::NonZeroU32;

use domain::notification::{Channel, check_action, zone_of};
use domain::push_device::MAX_DEVICES;
use domain::{
    Caller, Event, Grant, Membership, Message, MessageId, MessageTemplate, Notification, NotificationPreferences,
    Organization, OrganizationId, PushDevice, Recipient, Slot, User,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use runtime::Platform;
use serde_json::{Value, json};
use store::{CommitError, ListQuery, Refused, there};

use crate::error::Unfollowed;
use crate::happened::Happened;

/// What tells that there is a new notification.
const CREATED: &str = "notification.created";
/// Tries against others who change the same inbox.
const TRIES: u32 = 8;

/// Sends the new notifications among the changes on their ways. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    for Happened { place, event } in events.iter().filter(|happened| happened.event.kind == CREATED) {
        if let Err(error) = Box::pin(deliver(platform, event)).await {
            tracing::error!(subject = event.subject, %error, "a notification was not sent on its ways");
            return Some(*place);
        }
    }
    None
}

/// Who is told, and how they want it.
struct Receiver {
    person: User,
    preferences: NotificationPreferences,
}

/// 4 reads; where it goes anywhere 1 more, 1 Query where that is to devices, and 1 write a way.
async fn deliver(platform: &Platform, event: &Event) -> Result<(), Unfollowed> {
    let grant = Caller::system(event.organization, "events").own();
    let (table, now) = (platform.table(), platform.now());
    let Some(notification): Option<Notification> = there(table.get_to_change(&grant, event.subject.parse()?).await)?
    else {
        return Ok(());
    };
    let user = notification.user;
    let everyone = Caller::system(OrganizationId::PLATFORM, "events").own();
    let (preferences, person, member) = futures::try_join!(
        table.notification_preferences(&grant, user, now),
        async { there::<User>(table.get(&everyone, user).await) },
        async { there::<Membership>(table.get(&grant, Membership::id_of(user)).await) },
    )?;
    let Some(person) = person.filter(|_| member.is_some_and(|member| member.is_active())) else { return Ok(()) };
    if !preferences.wants(notification.kind, Channel::InApp, notification.channels.as_ref(), &person) {
        keep_as_read(platform, &grant, &notification, now).await?;
    }
    if notification.is_expired(now) {
        return Ok(());
    }
    let receiver = Receiver { person, preferences };
    let ways = ways(platform, &grant, &notification, &receiver).await?;
    if ways.is_empty() {
        return Ok(());
    }
    let organization: Option<Organization> = there(table.get(&grant, event.organization).await)?;
    let Some(organization) = organization else { return Ok(()) };
    send(platform, &grant, (&notification, &organization), &receiver, ways).await
}

/// Where it goes, each with what names it.
async fn ways(
    platform: &Platform,
    grant: &Grant,
    notification: &Notification,
    Receiver { person, preferences }: &Receiver,
) -> Result<Vec<(String, Recipient)>, Unfollowed> {
    let sends = |channel| preferences.sends(notification, channel, person);
    let mut ways = Vec::new();
    if sends(Channel::Email) {
        ways.push(("email".to_owned(), Recipient::Email(person.email.clone())));
    }
    if let Some(phone) = person.phone.clone().filter(|_| sends(Channel::Sms)) {
        ways.push(("sms".to_owned(), Recipient::Sms(phone)));
    }
    if sends(Channel::Push) {
        let limit = NonZeroU32::MIN.saturating_add(u32::try_from(MAX_DEVICES).unwrap_or_default());
        let query = ListQuery::new(Slot::One, "user", notification.user.to_string(), limit);
        let devices = platform.table().list::<PushDevice>(grant, &query, |_| true).await?;
        ways.extend(devices.records.into_iter().map(|device| (device.id.to_string(), Recipient::Push(device.id))));
    }
    Ok(ways)
}

async fn send(
    platform: &Platform,
    grant: &Grant,
    (notification, organization): (&Notification, &Organization),
    Receiver { person, preferences }: &Receiver,
    ways: Vec<(String, Recipient)>,
) -> Result<(), Unfollowed> {
    let (table, now) = (platform.table(), platform.now());
    let zone: TimeZone = zone_of(person, &organization.time_zone());
    let not_before = preferences.waits_until(notification.priority, now, &zone);
    let values = values(notification, organization, platform.settings().app_url.as_deref());
    for (name, to) in ways {
        let parts = ["delivery", &grant.organization().to_string(), &notification.id.to_string(), &name];
        let id = MessageId::at(notification.meta.created_at, table.hash_key().id_bits(&parts));
        let template = MessageTemplate::Notification;
        let queued = Message::queue(id, grant.organization(), to, template, values.clone(), now);
        match table.commit(grant, Message::carry(queued, notification.id, not_before)).await {
            Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What it says, on whatever way.
fn values(notification: &Notification, organization: &Organization, app: Option<&str>) -> Value {
    let notice = &notification.notice;
    let mut values = json!({
        "organization": organization.name,
        "title": notice.title,
        "message": notice.message,
        "kind": notification.kind,
        "priority": notification.priority,
    });
    let address = notice.action_url.as_ref().map(AsRef::as_ref).filter(|address| check_action(address).is_ok());
    let link = match (address, app) {
        (Some(path), Some(app)) if path.starts_with('/') => Some(format!("{app}{path}")),
        (Some(path), None) if path.starts_with('/') => None,
        (Some(address), _) => Some(address.to_owned()),
        (None, app) => app.map(str::to_owned),
    };
    if let Some(link) = link {
        values["link"] = link.into();
    }
    if let Some(end) = notification.expires_at {
        values["expires_at"] = end.to_string().into();
    }
    values
}

/// Its receiver does not want it in their inbox: it stays there as history, but waits for nobody. 2 reads, 1 transaction.
async fn keep_as_read(
    platform: &Platform,
    grant: &Grant,
    notification: &Notification,
    now: Timestamp,
) -> Result<(), Unfollowed> {
    let mut notification = notification.clone();
    for left in (0..TRIES).rev() {
        let inbox = platform.table().inbox(grant, notification.user, now).await?;
        if inbox.is_read(&notification) {
            return Ok(());
        }
        let mut transaction = platform.table().transaction();
        transaction.push(grant, inbox.read(&notification, now))?;
        transaction.push(grant, notification.clone().read_on_arrival())?;
        match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) if left > 0 => {}
            Err(error) => return Err(error.into()),
        }
        match there(platform.table().get_to_change(grant, notification.id).await)? {
            Some(newer) => notification = newer,
            None => return Ok(()),
        }
    }
    Ok(())
}

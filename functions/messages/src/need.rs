//! Whether a message is still wanted when it can be sent: people read, choose, leave and object meanwhile.

use domain::message::Recipient;
use domain::notification::{Channel, zone_of};
use domain::outreach::{Facts, Refusal, Verdict, contact_of, may_send};
use domain::{
    Caller, CommunicationSettings, Grant, Membership, Message, Notification, Organization, OrganizationId, User, UserId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use runtime::Platform;
use store::{StoreError, there};

/// What is left to be done for a message.
pub(crate) enum Need {
    /// It is to be sent.
    There(Sender),
    /// It need not be sent any more.
    Gone(&'static str),
    /// Its receiver is not to be disturbed until then.
    Later(Timestamp),
    /// Somebody outside may not be written to.
    Objected(Refusal),
}

/// What an organization's settings say of a message to people outside: what they see as its sender, and whether it is told
/// what they do with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sender {
    /// The name in an e-mail, where the organization says so.
    pub(crate) name: Option<String>,
    /// The registered header (DLT) of an SMS: that of its text, else the organization's.
    pub(crate) header: Option<String>,
    /// Whether it is told that they open an e-mail, or follow its links.
    pub(crate) tracking: bool,
}

/// For what goes to the organization's own people.
const THERE: Need = Need::There(Sender { name: None, header: None, tracking: false });

/// Looks at what a message is: a notification (5 reads, and 1 more in quiet hours), something to somebody outside (1
/// `BatchGetItem`), or a message of the platform itself, which is always wanted.
pub(crate) async fn need(
    platform: &Platform,
    grant: &Grant,
    message: &Message,
    now: Timestamp,
) -> Result<Need, StoreError> {
    if message.outreach.is_some() {
        Box::pin(outside(platform, grant, message, now)).await
    } else {
        Box::pin(inside(platform, grant, message, now)).await
    }
}

/// Whether somebody outside may be written to now. Caps are counted when a message is queued, so that none stops it here.
async fn outside(platform: &Platform, grant: &Grant, message: &Message, now: Timestamp) -> Result<Need, StoreError> {
    let (Some(outreach), Some((channel, address))) = (&message.outreach, contact_of(&message.to)) else {
        return Ok(THERE);
    };
    let reach = platform.table().reach(grant, channel, outreach, address.is_indian(), now).await?;
    let facts = Facts { sent_today: 0, ..reach.facts };
    Ok(match may_send(channel, outreach.purpose, &facts, now) {
        Verdict::Send => {
            let CommunicationSettings { dlt, sender_name, tracking, .. } = facts.settings;
            let header = outreach.dlt.as_ref().and_then(|dlt| dlt.header.clone()).or(dlt.header);
            Need::There(Sender { name: sender_name.map(|name| name.to_string()), header, tracking })
        }
        Verdict::Defer(until) => Need::Later(until),
        Verdict::Refuse(refusal) => Need::Objected(refusal),
    })
}

async fn inside(platform: &Platform, grant: &Grant, message: &Message, now: Timestamp) -> Result<Need, StoreError> {
    let Some(id) = message.notification else { return Ok(THERE) };
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
        return Ok(THERE);
    }
    let organization: Option<Organization> = there(table.get(grant, grant.organization()).await)?;
    let zone = organization.map_or(TimeZone::UTC, |organization| organization.time_zone());
    let until = preferences.waits_until(notification.priority, now, &zone_of(&person, &zone));
    Ok(until.map_or(THERE, Need::Later))
}

async fn person(platform: &Platform, user: UserId) -> Result<Option<User>, StoreError> {
    let everyone = Caller::system(OrganizationId::PLATFORM, "messages").own();
    there(platform.table().get(&everyone, user).await)
}

const fn channel(to: &Recipient) -> Channel {
    match to {
        Recipient::Email(_) => Channel::Email,
        // Nobody of the organization's own is written to over WhatsApp.
        Recipient::Sms(_) | Recipient::Whatsapp(_) => Channel::Sms,
        Recipient::Push(_) => Channel::Push,
    }
}

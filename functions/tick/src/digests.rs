//! Digests whose hour has come.

use std::num::NonZeroU32;

use domain::notification::{Channel, zone_of};
use domain::{
    Caller, Grant, Membership, Message, MessageId, MessageTemplate, Notification, NotificationPreferences,
    Organization, OrganizationId, Recipient, Record as _, Slot, User,
};
use jiff::Timestamp;
use runtime::Platform;
use serde_json::{Value, json};
use store::{CommitError, Due, ListQuery, Refused, StoreError, there};

use crate::TickError;

/// So many are counted; of more it is said that there are at least so many.
const COUNTED: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// So many are named.
const NAMED: usize = 10;

/// E-mails somebody what they have not read since the last digest, where there is anything: 6 reads, 1 Query, 1 transaction.
/// The e-mail and the time of the next one are written together, so that a period is told once, whichever clock comes first;
/// and the next is counted from now, so that a clock that stood for a month tells it once.
pub(crate) async fn tell(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let (table, now) = (platform.table(), platform.now());
    let found = there(table.get_to_change::<NotificationPreferences>(&grant, due.id.parse()?).await)?;
    let Some(preferences) = found else { return Ok(()) };
    // The index is a moment behind: another clock may have told, or its owner chosen otherwise.
    let Some(period) = preferences.due().filter(|at| *at <= now) else { return Ok(()) };
    let user = preferences.user;
    let everyone = Caller::system(OrganizationId::PLATFORM, "tick").own();
    let person: Option<User> = there(table.get(&everyone, user).await)?;
    let member: Option<Membership> = there(table.get(&grant, Membership::id_of(user)).await)?;
    let organization: Option<Organization> = there(table.get(&grant, due.organization).await)?;
    let Some(organization) = organization else { return Ok(()) };
    let usual = organization.time_zone();
    let zone = person.as_ref().map_or_else(|| usual.clone(), |person| zone_of(person, &usual));
    let mut transaction = table.transaction();
    if let Some(person) = person.filter(|_| member.is_some_and(|member| member.is_active()))
        && let Some(values) = unread(platform, &grant, &preferences, &person, now).await?
    {
        let mut values = values;
        values["organization"] = organization.name.into();
        let parts = ["digest", &due.organization.to_string(), &user.to_string(), &period.to_string()];
        let id = MessageId::at(period, table.hash_key().id_bits(&parts));
        let to = Recipient::Email(person.email);
        transaction.push(&grant, Message::queue(id, due.organization, to, MessageTemplate::Digest, values, now))?;
    }
    transaction.push_unseen(&grant, preferences.digested(&zone, now))?;
    match transaction.commit().await {
        Ok(()) | Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What they have not read of what goes by e-mail, as values of a digest; nothing is `None`.
async fn unread(
    platform: &Platform,
    grant: &Grant,
    preferences: &NotificationPreferences,
    person: &User,
    now: Timestamp,
) -> Result<Option<Value>, StoreError> {
    let inbox = platform.table().inbox(grant, preferences.user, now).await?;
    let query = ListQuery {
        since: preferences.digested_through,
        ..ListQuery::new(Slot::One, "user", preferences.user.to_string(), COUNTED)
    };
    let keep = |one: &Notification| {
        let wanted = preferences.wants(one.kind, Channel::Email, one.channels.as_ref(), person);
        wanted && !one.is_expired(now) && !inbox.is_seen(one)
    };
    let page = platform.table().list::<Notification>(grant, &query, keep).await?;
    let (found, further) = (page.records, page.next.is_some());
    if found.is_empty() {
        return Ok(None);
    }
    let at_least = |number: usize| if further { format!("{number} or more") } else { number.to_string() };
    let titles: Vec<&str> = found.iter().take(NAMED).map(|one| one.notice.title.as_str()).collect();
    let mut values = json!({
        "name": person.first_name,
        "count": at_least(found.len()),
        "message": titles.iter().map(|title| format!("- {title}")).collect::<Vec<_>>().join("\n"),
    });
    if found.len() > NAMED || further {
        values["more"] = at_least(found.len() - titles.len()).into();
    }
    if let Some(app) = &platform.settings().app_url {
        values["link"] = app.as_str().into();
    }
    Ok(Some(values))
}

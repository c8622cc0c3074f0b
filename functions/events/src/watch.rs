//! Watches security events for what looks wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use domain::suspicious::{self, Finding, Suspect, SuspiciousKind};
use domain::{
    Caller, Grant, OrganizationId, Permission, SecurityEvent, SecurityEventId, SecurityKind, Slot, SuspiciousActivity,
};
use jiff::{SignedDuration, Timestamp};
use runtime::Platform;
use store::{CommitError, ListQuery, ReadError, Refused};

use crate::error::Unfollowed;
use crate::happened::Happened;

/// So many events of a stretch of time are looked at; where there are more, the count stays there.
const LOOKED_AT: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

/// Something to look for: a kind, whom it is about, the hour.
type Question = (SuspiciousKind, Suspect, Timestamp);

/// Notes what the new security events among the changes make suspicious: 1 `BatchGetItem` of them, then 1 Query for
/// each person (and address, where a sign-in failed), and 1 read and 1 transaction where something is found.
pub(crate) async fn watch(platform: &Platform, events: &[Happened]) -> Result<(), Unfollowed> {
    let mut news: BTreeMap<OrganizationId, Vec<SecurityEventId>> = BTreeMap::new();
    for Happened { event, .. } in events {
        if event.kind.starts_with("security.") && event.version == 1 {
            news.entry(event.organization).or_default().push(event.subject.parse()?);
        }
    }
    for (organization, ids) in news {
        let grant = Caller::system(organization, "events").allow(Permission::SecurityWrite)?;
        let events = platform.table().get_many_to_change::<SecurityEvent>(&grant, &ids).await?;
        let events: Vec<SecurityEvent> = events.into_values().collect();
        for question in questions(&events, platform.now()) {
            look(platform, &grant, &question, &events).await?;
        }
    }
    Ok(())
}

/// What the events may be part of. One that comes late may be what the next hour lacked.
fn questions(events: &[SecurityEvent], now: Timestamp) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for event in events {
        let Some(kind) = SuspiciousKind::of(event.kind) else { continue };
        let at = event.meta.created_at;
        let hours = [suspicious::hour_of(at), suspicious::hour_of(at + kind.within())];
        for hour in hours.into_iter().filter(|hour| *hour <= now.max(at)) {
            questions.extend(event.user.map(|user| (kind, Suspect::User(user), hour)));
            if kind == SuspiciousKind::ManyFailures && !event.address.is_empty() {
                questions.insert((kind, Suspect::Address(event.address.clone()), hour));
            }
        }
    }
    questions
}

async fn look(
    platform: &Platform,
    grant: &Grant,
    (kind, suspect, hour): &Question,
    news: &[SecurityEvent],
) -> Result<(), Unfollowed> {
    let list = match suspect {
        Suspect::User(user) => ListQuery::new(Slot::Two, "user", user.to_string(), LOOKED_AT),
        Suspect::Address(_) => ListQuery::new(Slot::Three, "kind", SecurityKind::SignInFailed.as_str(), LOOKED_AT),
    };
    let query = ListQuery {
        newest_first: false,
        since: Some(*hour - kind.within()),
        until: Some(*hour + SignedDuration::from_hours(1)),
        ..list
    };
    let belongs = |event: &SecurityEvent| SuspiciousKind::of(event.kind) == Some(*kind) && suspect.is_of(event);
    let mut events = platform.table().list::<SecurityEvent>(grant, &query, belongs).await?.records;
    // A list may lag a moment behind the events that are looked at now.
    events.extend(news.iter().cloned());
    match suspicious::find(*kind, suspect, *hour, &events) {
        Some(finding) => note(platform, grant, finding).await,
        None => Ok(()),
    }
}

async fn note(platform: &Platform, grant: &Grant, finding: Finding) -> Result<(), Unfollowed> {
    let (table, now, organization) = (platform.table(), platform.now(), grant.organization());
    let parts = [organization.to_string(), finding.suspect.name(), finding.hour.to_string()];
    let bits = table.hash_key().id_bits(&["suspicious", finding.kind.as_str(), &parts[0], &parts[1], &parts[2]]);
    let id = SuspiciousActivity::id_of(&finding, bits);
    let change = match table.get_to_change::<SuspiciousActivity>(grant, id).await {
        Ok(activity) => activity.goes_on(finding, now),
        Err(ReadError::NotFound) => Some(SuspiciousActivity::found(id, organization, finding, now)),
        Err(error) => return Err(error.into()),
    };
    let Some(change) = change else { return Ok(()) };
    match table.commit(grant, change).await {
        // Another follower noted it, or somebody acknowledged it, at this moment.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Exists | Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

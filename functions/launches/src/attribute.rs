//! Answers and conversions that a campaign may claim: those of people to whom it wrote last, within a month.

use std::num::NonZeroU32;

use domain::{Communication, CommunicationDirection, CommunicationId, Grant, LeadId, List};
use jiff::{SignedDuration, Timestamp};
use runtime::Platform;
use store::{CommitError, ListQuery, Refused, there};

use crate::Undone;

/// A campaign may claim what somebody does within so long after its message was sent.
const CLAIMED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The newest entries of a timeline that are looked at.
const LOOKED_AT: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

/// Somebody wrote to us: the message that it answers where the provider tells, else the last of a campaign on the same
/// channel, is marked. 1 read, 1 read or 1 Query, 1 transaction.
pub(crate) async fn responded(platform: &Platform, grant: &Grant, id: CommunicationId) -> Result<(), Undone> {
    let table = platform.table();
    let Some(inbound): Option<Communication> = there(table.get_to_change(grant, id).await)? else { return Ok(()) };
    let at = inbound.sent_at.unwrap_or(inbound.meta.created_at);
    let answered: Option<Communication> = match inbound.answers {
        Some(answered) => there(table.get_to_change(grant, answered).await)?,
        None => last(platform, grant, &inbound.timeline(), at, |one| one.kind == inbound.kind).await?,
    };
    let Some(answered) = answered.filter(|one| may_claim(one, at)) else { return Ok(()) };
    mark(platform, grant, answered.id, |one| one.responded(at, platform.now())).await
}

/// A lead was converted: the last message that a campaign sent them is marked. 1 Query, 1 read, 1 transaction.
pub(crate) async fn converted(platform: &Platform, grant: &Grant, lead: LeadId, at: Timestamp) -> Result<(), Undone> {
    let timeline = Communication::timeline_of(lead);
    let Some(last) = last(platform, grant, &timeline, at, |_| true).await? else { return Ok(()) };
    mark(platform, grant, last.id, |one| one.converted(at, platform.now())).await
}

async fn last(
    platform: &Platform,
    grant: &Grant,
    timeline: &List,
    at: Timestamp,
    keep: impl Fn(&Communication) -> bool,
) -> Result<Option<Communication>, Undone> {
    let query = ListQuery::new(timeline.slot, timeline.question, timeline.value.clone(), LOOKED_AT);
    let query = ListQuery { since: Some(at - CLAIMED), ..query };
    let page = platform.table().list::<Communication>(grant, &query, |_| true).await?;
    Ok(page.records.into_iter().find(|one| may_claim(one, at) && keep(one)))
}

fn may_claim(one: &Communication, at: Timestamp) -> bool {
    let is_planned = one.campaign.as_ref().is_some_and(|campaign| campaign.is_planned);
    is_planned
        && one.direction == CommunicationDirection::Outbound
        && one.sent_at.is_some_and(|sent| sent <= at && at < sent + CLAIMED)
}

/// Marks a message as it is now; a report that crosses it is waited for.
async fn mark(
    platform: &Platform,
    grant: &Grant,
    id: CommunicationId,
    change: impl Fn(Communication) -> Option<domain::Change<Communication>>,
) -> Result<(), Undone> {
    let table = platform.table();
    let Some(one): Option<Communication> = there(table.get_to_change(grant, id).await)? else { return Ok(()) };
    let Some(change) = change(one) else { return Ok(()) };
    match table.commit(grant, change).await {
        Ok(_) => Ok(()),
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Err(Undone::Crossed),
        Err(error) => Err(error.into()),
    }
}

//! What an organization no longer keeps goes, once a day.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use domain::{Caller, Count, Grant, Permission, Record, RetentionPolicy, SecurityEvent, Slot, SuspiciousActivity};
use jiff::Timestamp;
use runtime::Platform;
use store::{CommitError, Cursor, Due, ListQuery, ReadError, Refused, StoreError};

use crate::TickError;

/// Records removed in one transaction, beside the policy and its event. Each may be in a list of its own, and the
/// figures of all of them must fit beside one event.
const A_STEP: NonZeroU32 = NonZeroU32::MIN.saturating_add(39);
/// Steps a minute; the rest goes in the next.
const STEPS: u32 = 25;

/// Applies a policy: 2 Queries, then 1 read, 1 Query and 1 transaction for 40 records. A transaction removes records
/// and says in the policy's own history how many; whoever dies in between is followed by the next minute's clock.
pub(crate) async fn apply(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").allow(Permission::SecurityWrite)?;
    let Some(policy) = policy(platform, &grant, due).await? else { return Ok(()) };
    let before = policy.keeps_since(platform.now());
    let mut steps = STEPS;
    let done = remove_all::<SecurityEvent>(platform, &grant, due, before, &mut steps).await?
        && remove_all::<SuspiciousActivity>(platform, &grant, due, before, &mut steps).await?;
    if !done {
        return Ok(());
    }
    let Some(policy) = self::policy(platform, &grant, due).await? else { return Ok(()) };
    match platform.table().commit_unseen(&grant, policy.rested(platform.now())).await {
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The policy, if it is still due: the index is a moment behind.
async fn policy(platform: &Platform, grant: &Grant, due: &Due) -> Result<Option<RetentionPolicy>, TickError> {
    match platform.table().get_to_change::<RetentionPolicy>(grant, due.id.parse()?).await {
        Ok(policy) => Ok(Some(policy).filter(|policy| policy.next_run_at <= platform.now())),
        Err(ReadError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes what is older than `before`, oldest first, and tells whether nothing of it is left.
async fn remove_all<R: Record>(
    platform: &Platform,
    grant: &Grant,
    due: &Due,
    before: Timestamp,
    steps: &mut u32,
) -> Result<bool, TickError> {
    let mut cursor = None;
    loop {
        let (records, next) = oldest::<R>(platform, grant, before, cursor).await?;
        if records.is_empty() {
            return Ok(true);
        }
        if *steps == 0 {
            return Ok(false);
        }
        *steps -= 1;
        let Some(policy) = policy(platform, grant, due).await? else { return Ok(false) };
        let mut transaction = platform.table().transaction();
        let mut sizes: BTreeMap<String, Count> = BTreeMap::new();
        for record in &records {
            for step in transaction.remove(grant, record)? {
                let by = step.by;
                sizes.entry(step.dimension.clone()).and_modify(|size| size.by += by).or_insert(step);
            }
        }
        let number = records.len() as u64;
        let (events, activities) = if R::KIND == SecurityEvent::KIND { (number, 0) } else { (0, number) };
        let change = policy.applied(events, activities, platform.now()).counting(sizes.into_values());
        transaction.push(grant, change)?;
        match transaction.commit().await {
            Ok(()) => {}
            // Somebody changed one of them, or another clock was faster: the next minute goes on.
            Err(CommitError::Refused { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        if next.is_none() {
            return Ok(true);
        }
        cursor = next;
    }
}

async fn oldest<R: Record>(
    platform: &Platform,
    grant: &Grant,
    before: Timestamp,
    cursor: Option<Cursor>,
) -> Result<(Vec<R>, Option<Cursor>), StoreError> {
    let all = ListQuery::new(Slot::One, "all", "", A_STEP);
    let query = ListQuery { newest_first: false, until: Some(before), cursor, ..all };
    let page = platform.table().list::<R>(grant, &query, |_| true).await?;
    Ok((page.records, page.next))
}

//! Whom a step means.

use std::collections::HashSet;

use domain::automation::{MAX_TOLD, Plan, Seen, Who};
use domain::{Grant, Membership, UserId};
use runtime::Platform;
use store::{StoreError, there};

/// A member who may come in and whom the automation reaches: 1 read.
pub(crate) async fn member(
    platform: &Platform,
    grant: &Grant,
    plan: &Plan,
    user: UserId,
) -> Result<Option<Membership>, StoreError> {
    let there = any(platform, grant, user).await?;
    // Whoever wrote it is in its reach, whatever rows they have.
    Ok(there.filter(|member| member.is_active() && (user == plan.author || member.is_in_reach(&plan.rows))))
}

/// All whom these are, each once and at most [`MAX_TOLD`] of them: 1 or 2 reads a person, and 1 Query where roles are named
/// (1 `BatchGetItem` more for the organization's own).
pub(crate) async fn resolve_all(
    platform: &Platform,
    grant: &Grant,
    plan: &Plan,
    seen: &Seen,
    to: &[Who],
) -> Result<Vec<Membership>, StoreError> {
    let mut people: Vec<Membership> = Vec::new();
    let mut roles = Vec::new();
    for who in to {
        match who {
            Who::Role(role) => roles.push(*role),
            who => people.extend(resolve(platform, grant, plan, seen, *who).await?),
        }
    }
    let holders = platform.holders(grant, seen.branch(), &roles).await?;
    people.extend(holders.into_iter().filter(|member| member.is_in_reach(&plan.rows)));
    let mut known = HashSet::new();
    people.retain(|person| known.insert(person.user));
    people.truncate(MAX_TOLD);
    Ok(people)
}

/// Whom somebody is, where there is such a person: 1 read, 2 for a manager or for what is nobody's. Of a role there are
/// several: see [`resolve_all`].
pub(crate) async fn resolve(
    platform: &Platform,
    grant: &Grant,
    plan: &Plan,
    seen: &Seen,
    who: Who,
) -> Result<Option<Membership>, StoreError> {
    let owner = seen.owner();
    match who {
        Who::Role(_) => Ok(None),
        Who::User(user) => member(platform, grant, plan, user).await,
        Who::Author => member(platform, grant, plan, plan.author).await,
        Who::Owner => {
            if let Some(owner) = owner
                && let Some(member) = member(platform, grant, plan, owner).await?
            {
                return Ok(Some(member));
            }
            member(platform, grant, plan, plan.author).await
        }
        Who::Manager => {
            let Some(owner) = owner else { return Ok(None) };
            let manager = any(platform, grant, owner).await?.and_then(|member| member.manager);
            let Some(manager) = manager else { return Ok(None) };
            // A manager need not work where their people do.
            Ok(any(platform, grant, manager).await?.filter(Membership::is_active))
        }
    }
}

async fn any(platform: &Platform, grant: &Grant, user: UserId) -> Result<Option<Membership>, StoreError> {
    there(platform.table().get(grant, Membership::id_of(user)).await)
}

//! Who gets a lead.

use std::collections::HashMap;

use domain::assignment::{Presence, Request};
use domain::automation::{Criteria, Unfit};
use domain::{AssignmentPool, Change, Grant, Lead, Membership, MembershipId, UserId};
use runtime::Platform;
use serde_json::Value;
use store::{ReadError, StoreError};

/// The free fields of a lead that may name what it needs somebody for.
const WANTED: [&str; 4] = ["specialization", "course", "qualification", "department"];

/// Somebody who was chosen.
pub(crate) struct Chosen {
    pub(crate) user: UserId,
    /// The turn that it took, where it was one.
    pub(crate) turn: Option<Change<AssignmentPool>>,
    pub(crate) decision: Option<domain::assignment::Decision>,
}

/// Chooses somebody from the assignment pool: 1 read and 1 Query of open leads; by specialization 1 `BatchGetItem` more.
pub(crate) async fn choose(
    platform: &Platform,
    grant: &Grant,
    lead: &Lead,
    criteria: Criteria,
) -> Result<Result<Chosen, Unfit>, StoreError> {
    let pool: AssignmentPool =
        match platform.table().get_to_change(grant, AssignmentPool::id_of(grant.organization())).await {
            Ok(pool) => pool,
            Err(ReadError::NotFound) => return Ok(Err(Unfit::new("nobody_eligible"))),
            Err(ReadError::Store(error)) => return Err(error),
        };
    let open: HashMap<UserId, u32> = platform
        .table()
        .counts_now(grant, "open_leads_by_owner")
        .await?
        .into_iter()
        .filter_map(|count| Some((count.dimension.parse().ok()?, u32::try_from(count.n).unwrap_or(0))))
        .collect();
    if criteria == Criteria::Specialization
        && let Some(user) = specialist(platform, grant, lead, &pool, &open).await?
    {
        return Ok(Ok(Chosen { user, turn: None, decision: None }));
    }
    let request = Request { referrer: None, branch: Some(lead.branch_id) };
    let (decision, turn) = pool.next(&request, &open, platform.now());
    Ok(match decision.user {
        Some(user) => Ok(Chosen { user, turn: Some(turn), decision: Some(decision) }),
        None => Err(Unfit::new("nobody_eligible")),
    })
}

/// Whoever of the pool has what the lead needs as department or designation: the one with the fewest open leads.
async fn specialist(
    platform: &Platform,
    grant: &Grant,
    lead: &Lead,
    pool: &AssignmentPool,
    open: &HashMap<UserId, u32>,
) -> Result<Option<UserId>, StoreError> {
    let wanted: Vec<String> = WANTED
        .iter()
        .filter_map(|field| lead.custom_fields.get(field).and_then(Value::as_str))
        .map(|text| text.trim().to_lowercase())
        .collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let holds = |user: &UserId| open.get(user).copied().unwrap_or(0);
    let free: Vec<UserId> = pool
        .pool
        .members()
        .iter()
        .filter(|member| member.presence == Presence::Available)
        .filter(|member| member.branches.is_empty() || member.branches.contains(&lead.branch_id))
        .filter(|member| member.capacity.is_none_or(|capacity| holds(&member.user) < capacity))
        .map(|member| member.user)
        .collect();
    let ids: Vec<MembershipId> = free.iter().copied().map(Membership::id_of).collect();
    let members = platform.table().get_many::<Membership>(grant, &ids).await?;
    let knows = |user: &UserId| {
        members.get(&Membership::id_of(*user)).is_some_and(|member| {
            let words = [&member.department, &member.designation];
            let is_wanted = |word: &String| wanted.contains(&word.trim().to_lowercase());
            member.is_active() && words.into_iter().flatten().any(is_wanted)
        })
    };
    Ok(free.into_iter().filter(knows).min_by_key(holds))
}

//! Who gets new leads.

pub(crate) mod update;
pub(crate) mod view;

use domain::assignment::{Member, Pool, Presence};
use domain::{AssignmentPool, BranchId, Grant, Membership, UserId};
use serde::Serialize;
use store::{StoreError, there};
use utoipa::ToSchema;
use web::App;

/// The people who take new leads, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentView {
    members: Vec<PoolMember>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoolMember {
    user: UserId,
    /// Their share beside the others' weights.
    weight: u16,
    /// How many open leads they can hold; `null` for any number.
    #[schema(required)]
    capacity: Option<u32>,
    presence: Presence,
    /// The branches whose leads they take; empty for all.
    branches: Vec<BranchId>,
    /// How many leads the rotation has given them.
    assigned: u64,
}

impl From<AssignmentPool> for AssignmentView {
    fn from(pool: AssignmentPool) -> Self {
        Self { members: members(&pool.pool) }
    }
}

fn members(pool: &Pool) -> Vec<PoolMember> {
    let view = |member: &Member| PoolMember {
        user: member.user,
        weight: member.weight,
        capacity: member.capacity,
        presence: member.presence,
        branches: member.branches.clone(),
        assigned: member.assigned,
    };
    pool.members().iter().map(view).collect()
}

/// Whether somebody belongs to the organization and may come in: 1 read.
pub(crate) async fn is_member(app: &App, grant: &Grant, user: UserId) -> Result<bool, StoreError> {
    Ok(there(app.table().get::<Membership>(grant, Membership::id_of(user)).await)?
        .is_some_and(|member| member.is_active()))
}

//! Those who have a role.

use std::collections::HashMap;
use std::num::NonZeroU32;

use domain::{Authority, BranchId, CustomRole, Grant, Membership, Plan, RoleId, RoleKey, RowReach, Slot};
use store::{ListQuery, StoreError};

use crate::Platform;

/// Of those who have one of the roles, at most so many are looked at.
const MAX_OF_ROLES: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

impl Platform {
    /// Those of these roles who may come in and work in the branch, where there is one, or reach every branch; those who
    /// joined first at the top. 1 Query, and 1 `BatchGetItem` for roles of the organization's own; of no roles, nothing.
    pub async fn holders(
        &self,
        grant: &Grant,
        branch: Option<BranchId>,
        roles: &[RoleKey],
    ) -> Result<Vec<Membership>, StoreError> {
        if roles.is_empty() {
            return Ok(Vec::new());
        }
        let own: Vec<RoleId> = roles
            .iter()
            .filter_map(|role| match role {
                RoleKey::Own(id) => Some(*id),
                RoleKey::Template(_) => None,
            })
            .collect();
        let own: HashMap<RoleId, CustomRole> =
            if own.is_empty() { HashMap::new() } else { self.table().get_many(grant, &own).await? };
        // Whoever has a role that is gone may do nothing.
        let alive: Vec<RoleKey> = roles
            .iter()
            .filter(|role| match role {
                RoleKey::Own(id) => own.contains_key(id),
                RoleKey::Template(_) => true,
            })
            .copied()
            .collect();
        let mut members = self.of_roles(grant, &alive).await?;
        let Some(branch) = branch else { return Ok(members) };
        members.retain(|member| {
            let role = match member.role {
                RoleKey::Own(id) => own.get(&id),
                RoleKey::Template(_) => None,
            };
            let reach = Authority::of(member, role, &[], Plan::Enterprise).reach;
            reach == RowReach::All || member.branches.contains(&branch)
        });
        Ok(members)
    }

    /// Those of these roles who may come in, those who joined first at the top: 1 Query, or nothing.
    pub(crate) async fn of_roles(&self, grant: &Grant, roles: &[RoleKey]) -> Result<Vec<Membership>, StoreError> {
        if roles.is_empty() {
            return Ok(Vec::new());
        }
        let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", MAX_OF_ROLES) };
        let keep = |member: &Membership| member.is_active() && roles.contains(&member.role);
        Ok(self.table().list(grant, &query, keep).await?.records)
    }
}

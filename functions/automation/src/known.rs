//! The people and roles that somebody names.

use std::collections::{HashMap, HashSet};

use domain::automation::Step;
use domain::{CustomRole, FieldInvalid, Grant, Invalid, Membership, MembershipId, RoleId, RoleKey, UserId};
use web::{App, Problem};

/// Those that were named, each with the field that names them.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) people: Vec<(String, UserId)>,
    pub(crate) roles: Vec<(String, RoleKey)>,
}

impl Named {
    /// Those of an automation's steps, which stand in the field `at`.
    pub(crate) fn in_steps(steps: &[Step], at: &str) -> Self {
        let mut named = Self::default();
        for (place, action) in steps.iter().map(|step| &step.action).enumerate() {
            let field = |field: &str| format!("{at}.{place}.{field}");
            named.people.extend(action.people().into_iter().map(|(name, user)| (field(name), user)));
            named.roles.extend(action.roles().map(|(name, role)| (field(name), role)));
        }
        named
    }

    /// Refuses people who are not there, or not in the caller's reach, and roles that are not: 1 `BatchGetItem` a 100
    /// people, and 1 for the organization's own roles.
    pub(crate) async fn check(self, app: &App, grant: &Grant) -> Result<(), Problem> {
        let own = |role: &RoleKey| match role {
            RoleKey::Own(id) => Some(*id),
            RoleKey::Template(_) => None,
        };
        let ids: Vec<MembershipId> = unique(self.people.iter().map(|(_, user)| Membership::id_of(*user)));
        let members: HashMap<MembershipId, Membership> =
            if ids.is_empty() { HashMap::new() } else { app.table().get_many_to_change(grant, &ids).await? };
        let ids: Vec<RoleId> = unique(self.roles.iter().filter_map(|(_, role)| own(role)));
        let roles: HashMap<RoleId, CustomRole> =
            if ids.is_empty() { HashMap::new() } else { app.table().get_many_to_change(grant, &ids).await? };
        let is_known = |user: &UserId| {
            let member = members.get(&Membership::id_of(*user));
            member.is_some_and(|member| member.is_active() && member.is_in_reach(grant.rows()))
        };
        let nobody = self.people.into_iter().filter(|(_, user)| !is_known(user)).map(|(field, _)| {
            FieldInvalid::new(field, Invalid::new("unknown_user", "is nobody whom you could name here"))
        });
        let is_role = |role: &RoleKey| own(role).is_none_or(|id| roles.contains_key(&id));
        let no_role = self
            .roles
            .iter()
            .filter(|(_, role)| !is_role(role))
            .map(|(field, _)| FieldInvalid::new(field.clone(), Invalid::new("unknown_role", "is not a role")));
        let wrong: Vec<FieldInvalid> = nobody.chain(no_role).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
    }
}

fn unique<T: Eq + std::hash::Hash>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let unique: HashSet<T> = ids.collect();
    unique.into_iter().collect()
}

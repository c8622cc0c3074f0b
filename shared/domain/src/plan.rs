//! Plans: which modules an organization has, and how much of what it may keep.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Permission;

/// A plan, from the smallest to the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// One small team.
    Starter,
    /// Several teams and branches; what a new organization begins with.
    #[default]
    Growth,
    /// No bounds but those of the platform.
    Enterprise,
}

/// What a plan allows in number; `None` where it sets no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Allowance {
    /// Active members.
    #[schema(required)]
    pub seats: Option<u32>,
    /// Live leads.
    #[schema(required)]
    pub leads: Option<u32>,
    /// Messages sent in a calendar month (UTC), on all channels together.
    #[schema(required)]
    pub messages_per_month: Option<u32>,
}

/// Modules that only some plans have; every other module is in each plan.
const GATED: [(&str, Plan); 7] = [
    ("api_keys", Plan::Growth),
    ("audit", Plan::Growth),
    ("events", Plan::Growth),
    ("referral_links", Plan::Growth),
    ("roles", Plan::Growth),
    ("security", Plan::Growth),
    ("webhook_endpoints", Plan::Growth),
];

impl Plan {
    /// All of them, the smallest first.
    pub const ALL: [Self; 3] = [Self::Starter, Self::Growth, Self::Enterprise];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Growth => "growth",
            Self::Enterprise => "enterprise",
        }
    }

    /// What it allows in number.
    pub const fn allowance(self) -> Allowance {
        match self {
            Self::Starter => Allowance { seats: Some(5), leads: Some(2_000), messages_per_month: Some(1_000) },
            Self::Growth => Allowance { seats: Some(100), leads: Some(500_000), messages_per_month: Some(100_000) },
            Self::Enterprise => Allowance { seats: None, leads: None, messages_per_month: None },
        }
    }

    /// The smallest plan that allows more than `seats` active members.
    pub fn with_more_seats(seats: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.allowance().seats.is_none_or(|allowed| allowed > seats))
    }

    /// The smallest plan that allows more than so many live leads.
    pub fn with_more_leads(leads: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.allowance().leads.is_none_or(|allowed| allowed > leads))
    }

    /// How many leads may come where so many live; `None` for any number.
    pub fn room_for_leads(self, live: u32) -> Option<u32> {
        self.allowance().leads.map(|allowed| allowed.saturating_sub(live))
    }

    /// The smallest plan that has a module.
    pub fn of_module(module: &str) -> Self {
        GATED.iter().find(|(gated, _)| *gated == module).map_or(Self::Starter, |(_, plan)| *plan)
    }

    /// Whether it has a module.
    pub fn has(self, module: &str) -> bool {
        Self::of_module(module) <= self
    }

    /// Whether it has the module of a permission. The registry is small and this is asked once a request.
    pub fn allows(self, permission: Permission) -> bool {
        self.has(permission.module())
    }

    /// The modules it has, in the order of the permissions' registry.
    pub fn modules(self) -> Vec<&'static str> {
        let mut modules: Vec<&'static str> =
            Permission::ALL.iter().map(|permission| permission.module()).filter(|module| self.has(module)).collect();
        modules.dedup();
        modules
    }
}

impl std::str::FromStr for Plan {
    type Err = crate::Invalid;

    fn from_str(text: &str) -> Result<Self, crate::Invalid> {
        Self::ALL
            .into_iter()
            .find(|plan| plan.as_str() == text)
            .ok_or_else(|| crate::Invalid::new("unknown_plan", "is not a plan"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_plan_has_all_that_a_smaller_one_has() {
        for pair in Plan::ALL.windows(2) {
            let (small, large) = (pair[0].modules(), pair[1].modules());
            assert!(small.iter().all(|module| large.contains(module)));
        }
    }

    #[test]
    fn every_gated_module_is_one() {
        for (module, _) in GATED {
            assert!(Permission::ALL.iter().any(|permission| permission.module() == module), "{module}");
        }
    }
}

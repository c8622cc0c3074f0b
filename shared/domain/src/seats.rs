//! An organization's seats: how many may come in, counted exactly.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{Meta, Record};
use crate::{Change, Membership, OrganizationId, Plan, Role, RoleId, RoleKey, RowReach, SeatsId};

/// The seats of an organization. It changes in one transaction with every membership that takes a seat, leaves one or
/// takes another role, so of two such changes at the same time one is decided after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID, as there is one an organization.
    pub id: SeatsId,
    /// Members who may come in.
    pub active: u32,
    /// Those of them with the administrator's template over every row.
    pub admins: u32,
    /// How many members, whatever their status, have each of the organization's own roles.
    #[serde(default)]
    pub roles: BTreeMap<RoleId, u32>,
}

/// What of a membership seats count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seat {
    active: bool,
    admin: bool,
    role: Option<RoleId>,
}

impl Seat {
    fn of(member: Option<&Membership>) -> Self {
        let Some(member) = member else { return Self::default() };
        let active = member.is_active();
        let everything = member.role == Role::Admin.into() && member.reach.is_none_or(|reach| reach == RowReach::All);
        let role = match member.role {
            RoleKey::Own(id) => Some(id),
            RoleKey::Template(_) => None,
        };
        Self { active, admin: active && everything, role }
    }
}

/// A change of members that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatsRefused {
    /// Nobody would be left who may do everything.
    LastAdmin,
    /// The plan allows no more than so many.
    Full {
        /// Its seats.
        limit: u32,
    },
}

impl Seats {
    /// The id of an organization's seats.
    pub const fn id_of(organization: OrganizationId) -> SeatsId {
        SeatsId::from_uuid(organization.uuid())
    }

    /// The seats that these members take.
    pub fn taken_by(organization: OrganizationId, members: &[Membership], now: Timestamp) -> Self {
        let mut seats = Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(organization),
            active: 0,
            admins: 0,
            roles: BTreeMap::new(),
        };
        for member in members {
            seats.count(Seat::default(), Seat::of(Some(member)));
        }
        seats
    }

    /// Whether a change of a membership is one of seats.
    pub fn are_touched(before: Option<&Membership>, after: Option<&Membership>) -> bool {
        Seat::of(before) != Seat::of(after)
    }

    /// Whether a change of a membership takes a seat.
    pub fn is_taken(before: Option<&Membership>, after: Option<&Membership>) -> bool {
        !Seat::of(before).active && Seat::of(after).active
    }

    /// A membership comes, changes or goes, under a plan.
    pub fn change(
        self,
        before: Option<&Membership>,
        after: Option<&Membership>,
        plan: Plan,
        now: Timestamp,
    ) -> Result<Change<Self>, SeatsRefused> {
        let mut seats = self.clone();
        seats.count(Seat::of(before), Seat::of(after));
        if seats.admins == 0 && self.admins > 0 {
            return Err(SeatsRefused::LastAdmin);
        }
        if let Some(limit) = plan.allowance().seats
            && seats.active > limit
            && seats.active > self.active
        {
            return Err(SeatsRefused::Full { limit });
        }
        Ok(self.follow(seats, now))
    }

    /// Nothing of it changes, but whoever changes it at the same time decides again: for what depends on it.
    pub fn hold(self, now: Timestamp) -> Change<Self> {
        let same = self.clone();
        self.follow(same, now)
    }

    fn follow(self, mut after: Self, now: Timestamp) -> Change<Self> {
        after.meta.updated_at = now;
        if self.meta.version == 0 {
            Change::create(after, "seats.counted")
        } else {
            Change::update(self, after, "seats.counted")
        }
    }

    fn count(&mut self, before: Seat, after: Seat) {
        let step = |count: u32, was: bool, is: bool| match (was, is) {
            (false, true) => count.saturating_add(1),
            (true, false) => count.saturating_sub(1),
            _ => count,
        };
        self.active = step(self.active, before.active, after.active);
        self.admins = step(self.admins, before.admin, after.admin);
        if before.role == after.role {
            return;
        }
        if let Some(id) = before.role {
            let left = self.roles.get(&id).copied().unwrap_or_default().saturating_sub(1);
            if left == 0 {
                self.roles.remove(&id);
            } else {
                self.roles.insert(id, left);
            }
        }
        if let Some(id) = after.role {
            let count = self.roles.entry(id).or_default();
            *count = count.saturating_add(1);
        }
    }
}

impl Record for Seats {
    const KIND: &'static str = "seats";
    type Id = SeatsId;

    fn id(&self) -> SeatsId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    /// It follows from memberships, whose changes are remembered.
    const REMEMBERED: bool = false;
}

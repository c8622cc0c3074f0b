//! Who asks, and the proof that they may.

use serde::{Deserialize, Serialize};

use crate::{
    ApiKeyId, Authority, BranchId, Membership, OrganizationId, Permission, Permissions, PersonalFields, Plan,
    SessionId, UserId,
};

/// Somebody, or something of ours, that asks for a change or a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    organization: OrganizationId,
    actor: Actor,
    permissions: Permissions,
    rows: Rows,
    clear: PersonalFields,
    plan: Plan,
    origin: Option<Origin>,
}

/// The request by which something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its id, as its answer's `X-Request-Id` told.
    pub request_id: String,
    /// Where it came from, as API Gateway saw it.
    pub address: String,
}

/// Who did it, as events remember it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User {
        /// The person.
        id: UserId,
        /// The sign-in they used.
        session: SessionId,
    },
    /// A machine with a key of somebody's.
    Key {
        /// The key.
        id: ApiKeyId,
        /// Whose it is.
        user: UserId,
    },
    /// A visitor through a public form.
    Visitor,
    /// A worker or the clock, by name.
    System {
        /// The function's name.
        name: std::borrow::Cow<'static, str>,
    },
}

impl Actor {
    /// The person, where it is one or a machine of theirs.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } | Self::Key { user: id, .. } => Some(*id),
            Self::Visitor | Self::System { .. } => None,
        }
    }
}

/// The rows a caller reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reach", rename_all = "snake_case")]
pub enum Rows {
    /// Every record of the organization.
    All,
    /// Records of these branches.
    Branches {
        /// At most [`MAX_BRANCHES_OF_A_MEMBER`].
        branches: Vec<BranchId>,
    },
    /// Records that belong to these people.
    Team {
        /// Whose they are, the person who asks first; at most [`MAX_TEAM`].
        users: Vec<UserId>,
    },
    /// Records that belong to this person.
    Own {
        /// The person.
        user: UserId,
    },
}

/// A list for one person asks each branch once, so their number is bounded.
pub const MAX_BRANCHES_OF_A_MEMBER: usize = 20;

/// A team's list asks each person's once, so their number is bounded too.
pub const MAX_TEAM: u32 = 40;

impl Rows {
    /// Whether a record of this branch and owner is in reach.
    ///
    /// What belongs to no branch (an organization's own settings, its pipelines) is in everybody's
    /// reach; permissions guard it.
    pub fn cover(&self, branch: Option<BranchId>, owner: Option<UserId>) -> bool {
        match (self, branch) {
            (Self::All, _) | (_, None) => true,
            (Self::Branches { branches }, Some(branch)) => branches.contains(&branch),
            (Self::Team { users }, Some(_)) => owner.is_some_and(|owner| users.contains(&owner)),
            (Self::Own { user }, Some(_)) => owner == Some(*user),
        }
    }

    /// The people whose records these are, where they are people's.
    pub const fn owners(&self) -> Option<&[UserId]> {
        match self {
            Self::All | Self::Branches { .. } => None,
            Self::Team { users } => Some(users.as_slice()),
            Self::Own { user } => Some(std::slice::from_ref(user)),
        }
    }
}

impl Caller {
    /// A signed-in person or a machine of theirs, with what they may do.
    pub fn authorized(organization: OrganizationId, actor: Actor, authority: &Authority, origin: Origin) -> Self {
        Self {
            organization,
            actor,
            permissions: authority.permissions,
            rows: authority.rows.clone(),
            clear: authority.clear,
            plan: authority.plan,
            origin: Some(origin),
        }
    }

    /// A worker or the clock, acting for an organization.
    pub fn system(organization: OrganizationId, name: &'static str) -> Self {
        Self {
            organization,
            actor: Actor::System { name: name.into() },
            permissions: Permissions::all(),
            rows: Rows::All,
            clear: PersonalFields::ALL,
            plan: Plan::Enterprise,
            origin: None,
        }
    }

    /// A visitor of a public form: may only add leads.
    pub fn visitor(organization: OrganizationId) -> Self {
        Self {
            organization,
            actor: Actor::Visitor,
            permissions: [Permission::LeadsWrite].into_iter().collect(),
            rows: Rows::All,
            clear: PersonalFields::NONE,
            plan: Plan::Enterprise,
            origin: None,
        }
    }

    /// The same, by a request.
    #[must_use]
    pub fn by(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// The proof that this caller may do `permission`; the store asks for it everywhere.
    pub fn allow(&self, permission: Permission) -> Result<Grant, Denied> {
        if !self.permissions.has(permission) {
            Err(Denied { permission, plan: None })
        } else if !self.plan.allows(permission) {
            Err(Denied { permission, plan: Some(Plan::of_module(permission.module())) })
        } else {
            Ok(Grant { caller: self.clone(), permission })
        }
    }

    /// The proof for a caller's own things (session, profile), which need no permission.
    pub fn own(&self) -> Grant {
        Grant { caller: self.clone(), permission: Permission::DashboardRead }
    }

    /// Whether the caller has a permission, where it only changes what an operation may do.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission) && self.plan.allows(permission)
    }

    /// The tenant.
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Who it is.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What they may do.
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The rows they reach.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }
}

/// The caller lacks a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("needs the permission {}", permission.as_str())]
pub struct Denied {
    /// What is lacking.
    pub permission: Permission,
    /// The smallest plan that has its module, where it is the organization's plan that lacks it.
    pub plan: Option<Plan>,
}

/// Proof that a caller may do something, in one organization, over some rows.
///
/// Made only by [`Caller::allow`] and [`Caller::own`]. Every read and write of the store takes one,
/// so that a query that forgets its tenant does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    caller: Caller,
    permission: Permission,
}

impl Grant {
    /// The tenant.
    pub const fn organization(&self) -> OrganizationId {
        self.caller.organization
    }

    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The request by which they act, where it is one.
    pub const fn origin(&self) -> Option<&Origin> {
        self.caller.origin.as_ref()
    }

    /// The personal fields that they see in the clear.
    pub const fn clear(&self) -> PersonalFields {
        self.caller.clear
    }

    /// All that they may do.
    pub const fn permissions(&self) -> Permissions {
        self.caller.permissions
    }

    /// The rows in reach.
    pub const fn rows(&self) -> &Rows {
        &self.caller.rows
    }

    /// What was permitted.
    pub const fn permission(&self) -> Permission {
        self.permission
    }

    /// Whether the caller also has another permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.caller.may(permission)
    }

    /// The same over one branch only; `None` where that branch is out of reach. Who reaches only their
    /// own keeps to their own.
    pub fn within(&self, branch: BranchId) -> Option<Self> {
        let rows = match &self.caller.rows {
            Rows::All => Rows::Branches { branches: vec![branch] },
            Rows::Branches { branches } if branches.contains(&branch) => Rows::Branches { branches: vec![branch] },
            Rows::Branches { .. } => return None,
            Rows::Team { users } => Rows::Team { users: users.clone() },
            Rows::Own { user } => Rows::Own { user: *user },
        };
        Some(Self { caller: Caller { rows, ..self.caller.clone() }, permission: self.permission })
    }

    /// The same over every row of the organization: for records whose own rule says who sees and changes them, whatever
    /// rows they reach, as those who decide an approval do. That rule is asked after each read.
    #[must_use]
    pub fn everywhere(&self) -> Self {
        Self { caller: Caller { rows: Rows::All, ..self.caller.clone() }, permission: self.permission }
    }

    /// The same over these rows, for who reaches every row and does something in another's name; `None` for who does not.
    pub fn over(&self, rows: &Rows) -> Option<Self> {
        let narrowed = || Self { caller: Caller { rows: rows.clone(), ..self.caller.clone() }, ..self.clone() };
        matches!(self.caller.rows, Rows::All).then(narrowed)
    }

    /// The same over what is one person's only, wherever it is: for that person's figures. `None` where they are out of
    /// reach.
    pub fn of(&self, member: &Membership) -> Option<Self> {
        let rows = Rows::Own { user: member.user };
        let narrowed = || Self { caller: Caller { rows, ..self.caller.clone() }, permission: self.permission };
        member.is_in_reach(self.rows()).then(narrowed)
    }
}

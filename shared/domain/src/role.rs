//! The role of a member: a template, or one of the organization's own; and what follows from it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{
    BranchId, Invalid, Membership, Permission, Permissions, PersonalField, PersonalFields, Plan, Role, RoleId,
    RowReach, Rows, UserId,
};

/// Which role: a template by its name, or one of the organization's own by its id. Text on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleKey {
    /// A template.
    Template(Role),
    /// One of the organization's own.
    Own(RoleId),
}

impl RoleKey {
    /// The template, where it is one.
    pub const fn template(self) -> Option<Role> {
        match self {
            Self::Template(role) => Some(role),
            Self::Own(_) => None,
        }
    }
}

impl From<Role> for RoleKey {
    fn from(role: Role) -> Self {
        Self::Template(role)
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(role) => f.write_str(role.as_str()),
            Self::Own(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl FromStr for RoleKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.parse() {
            Ok(role) => Ok(Self::Template(role)),
            Err(invalid) => text.parse().map(Self::Own).map_err(|_| invalid),
        }
    }
}

impl Serialize for RoleKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RoleKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl utoipa::__dev::ComposeSchema for RoleKey {
    fn compose(
        _: Vec<utoipa::openapi::RefOr<utoipa::openapi::Schema>>,
    ) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::Type(utoipa::openapi::Type::String))
            .description(Some("The name of a template, or the id of one of the organization's own roles."))
            .examples([serde_json::json!("agent")])
            .into()
    }
}

impl utoipa::ToSchema for RoleKey {}

/// A role that an organization made for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: RoleId,
    /// What people call it; unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it permits.
    pub permissions: Permissions,
    /// The rows it reaches.
    pub reach: RowReach,
    /// The personal fields it sees in the clear.
    pub clear: PersonalFields,
}

impl Record for CustomRole {
    const KIND: &'static str = "role";
    type Id = RoleId;

    fn id(&self) -> RoleId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Claim::new("name", self.name.to_lowercase())]
    }
}

/// What a member may do here and now: their role, what was added to it, and what the plan has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The role.
    pub role: RoleKey,
    /// What people call it.
    pub role_name: String,
    /// What they may do, whatever the plan has.
    pub permissions: Permissions,
    /// How far they reach.
    pub reach: RowReach,
    /// The rows they reach.
    pub rows: Rows,
    /// The personal fields they see in the clear.
    pub clear: PersonalFields,
    /// The organization's plan.
    pub plan: Plan,
    /// Where their new records go.
    pub branch: Option<BranchId>,
}

/// What of an authority goes beyond somebody's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// A permission that they lack.
    Permission(Permission),
    /// It reaches further.
    Reach,
    /// It shows a personal field that they see masked.
    Clear(PersonalField),
}

impl Authority {
    /// What a member may do. `own` is the record of their role where it is one of the organization's own: without it
    /// (it was deleted) they may do nothing. `team` are those whose manager they are.
    pub fn of(membership: &Membership, own: Option<&CustomRole>, team: &[UserId], plan: Plan) -> Self {
        let (role_name, permissions, reach, clear) = match (membership.role, own) {
            (RoleKey::Template(role), _) => (role.as_str().to_owned(), role.permissions(), role.rows(), role.clear()),
            (RoleKey::Own(_), Some(own)) => (own.name.clone(), own.permissions, own.reach, own.clear),
            (RoleKey::Own(_), None) => (String::new(), Permissions::default(), RowReach::Own, PersonalFields::NONE),
        };
        let permissions = permissions.or(membership.extra);
        let reach = match (membership.reach, reach) {
            (Some(set), _) => set,
            (None, RowReach::Branch) if permissions.has(Permission::BranchesAll) => RowReach::All,
            (None, usual) => usual,
        };
        let user = membership.user;
        let rows = match reach {
            RowReach::All => Rows::All,
            RowReach::Branch => Rows::Branches { branches: membership.branches.clone() },
            RowReach::Team => Rows::Team { users: std::iter::once(user).chain(team.iter().copied()).collect() },
            RowReach::Own => Rows::Own { user },
        };
        let branch = membership.branches.first().copied();
        Self { role: membership.role, role_name, permissions, reach, rows, clear, plan, branch }
    }

    /// The names of the frontend's modules that this opens: for a template those of intelipro's matrix.
    pub fn modules(&self) -> Vec<&'static str> {
        use Permission as P;
        if let Some(role) = self.role.template() {
            return role.modules().to_vec();
        }
        [
            ("dashboard", P::DashboardRead),
            ("upload", P::LeadsImport),
            ("cases", P::LeadsRead),
            ("settings", P::OrganizationWrite),
            ("users", P::UsersWrite),
            ("analytics", P::AnalyticsRead),
        ]
        .into_iter()
        .filter_map(|(module, permission)| self.permissions.has(permission).then_some(module))
        .collect()
    }

    /// What of another's authority goes beyond this one: nobody grants what they lack.
    pub fn exceeded_by(&self, other: &Self) -> Option<Beyond> {
        let unseen = |field: &PersonalField| other.clear.has(*field) && !self.clear.has(*field);
        self.lacks(other.permissions)
            .map(Beyond::Permission)
            .or_else(|| (other.reach > self.reach).then_some(Beyond::Reach))
            .or_else(|| PersonalField::ALL.into_iter().find(unseen).map(Beyond::Clear))
    }

    /// The first permission of `wanted` that this lacks: nobody grants what they lack.
    pub fn lacks(&self, wanted: Permissions) -> Option<Permission> {
        wanted.beyond(self.permissions)
    }
}

impl CustomRole {
    /// Whether its holders are agents, as those of [`Role::works_leads`]: they work leads, their own ones.
    pub const fn works_leads(&self) -> bool {
        self.permissions.has(Permission::LeadsWrite) && matches!(self.reach, RowReach::Own)
    }

    /// A new one.
    pub fn new(id: RoleId, organization: crate::OrganizationId, name: String, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id,
            name,
            description: String::new(),
            permissions: Permissions::default(),
            reach: RowReach::Own,
            clear: PersonalFields::NONE,
        }
    }
}

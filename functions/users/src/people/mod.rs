//! People: their places in the organization.

pub(crate) mod approve;
pub(crate) mod branches;
pub(crate) mod create;
pub(crate) mod deactivate;
pub(crate) mod list;
pub(crate) mod permissions;
pub(crate) mod reject;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use domain::{
    BranchId, EmailAddress, MemberStatus, Membership, MembershipId, Permission, Permissions, RoleKey, RowReach, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody's place in the organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// The person: what leads are assigned to.
    id: UserId,
    /// Their place in this organization.
    membership_id: MembershipId,
    name: String,
    first_name: String,
    /// May be empty.
    last_name: String,
    email: EmailAddress,
    status: MemberStatus,
    /// Why they may not come in, in the words of who decided.
    #[schema(required)]
    status_reason: Option<String>,
    role: RoleKey,
    /// What they may do beside their role: `module:action`.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<&'static str>,
    /// The rows they reach, where they are not the role's usual ones.
    #[schema(required)]
    reach: Option<RowReach>,
    /// Where they work; the first is where their new records go.
    branch_ids: Vec<BranchId>,
    /// Whose team they belong to.
    #[schema(required)]
    manager_id: Option<UserId>,
    #[schema(required)]
    department: Option<String>,
    #[schema(required)]
    designation: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Membership> for UserView {
    fn from(member: Membership) -> Self {
        let last_name = member.last_name().to_owned();
        let Membership { meta, id, user, name, first_name, email, status, status_reason, role, .. } = member;
        Self {
            id: user,
            membership_id: id,
            name,
            first_name,
            last_name,
            email,
            status,
            status_reason,
            role,
            permissions: texts(member.extra),
            reach: member.reach,
            branch_ids: member.branches,
            manager_id: member.manager,
            department: member.department,
            designation: member.designation,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}

/// Permissions as the API writes them.
pub(crate) fn texts(permissions: Permissions) -> Vec<&'static str> {
    permissions.iter().map(Permission::as_str).collect()
}

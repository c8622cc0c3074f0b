//! Profiles: what people tell of themselves, and how they like things.

pub(crate) mod update;
pub(crate) mod view;

use domain::{EmailAddress, Grant, Membership, Permission, PersonalFields, Preferences, RoleKey, User, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Problem, SignedIn};

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileView {
    /// Whose it is.
    id: UserId,
    full_name: String,
    first_name: String,
    /// May be empty.
    last_name: String,
    email: EmailAddress,
    /// Masked for whoever does not see numbers; one's own never is.
    #[schema(required)]
    phone: Option<String>,
    role: RoleKey,
    #[schema(required)]
    department: Option<String>,
    #[schema(required)]
    designation: Option<String>,
    /// Where their picture is.
    #[schema(required)]
    avatar_url: Option<String>,
    preferences: Preferences,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl ProfileView {
    /// The profile as somebody with this proof sees it.
    fn seen_by(signed_in: &SignedIn, grant: &Grant, user: User, member: Membership) -> Self {
        let clear = if user.id == signed_in.user { PersonalFields::ALL } else { grant.clear() };
        Self {
            id: user.id,
            full_name: user.name(),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
            phone: user.phone.map(|phone| clear.phone(&phone)),
            role: member.role,
            department: member.department,
            designation: member.designation,
            avatar_url: user.avatar,
            preferences: user.preferences,
            created_at: member.meta.created_at,
            updated_at: user.meta.updated_at.max(member.meta.updated_at),
        }
    }
}

/// The proof for somebody's own things, which need no permission, or for others', which need this one. A machine has
/// nothing of its own.
pub(crate) fn own_or(signed_in: &SignedIn, user: UserId, permission: Permission) -> Result<Grant, Problem> {
    if user == signed_in.user && signed_in.session.is_some() {
        return Ok(signed_in.own());
    }
    Ok(signed_in.caller.allow(permission)?)
}

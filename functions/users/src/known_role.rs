//! Roles that a body names.

use domain::{Caller, CustomRole, Invalid, OrganizationId, RoleKey};
use store::ReadError;
use web::{App, Problem};

/// Refuses a role that is neither a template nor one of the organization's own: no call, or 1 read. Where the role's
/// members are counted at the same time, the seats are read before, so that it cannot be deleted in between.
pub(crate) async fn refuse_unknown_role(app: &App, organization: OrganizationId, role: RoleKey) -> Result<(), Problem> {
    let RoleKey::Own(id) = role else { return Ok(()) };
    let grant = Caller::system(organization, "users").own();
    match app.table().get_to_change::<CustomRole>(&grant, id).await {
        Ok(_) => Ok(()),
        Err(ReadError::NotFound) => Err(Problem::field("role", Invalid::new("unknown_role", "is not a role"))),
        Err(ReadError::Store(error)) => Err(error.into()),
    }
}

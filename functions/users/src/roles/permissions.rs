//! `GET /permissions`.

use domain::{Permission, Plan};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Data, Envelope, SignedIn};

/// Everything that can be permitted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PermissionList {
    permissions: Vec<PermissionView>,
}

/// One thing that can be permitted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PermissionView {
    /// `module:action`.
    #[schema(value_type = String)]
    id: &'static str,
    #[schema(value_type = String)]
    module: &'static str,
    #[schema(value_type = String)]
    action: &'static str,
    /// What it lets a person do.
    #[schema(value_type = String)]
    description: &'static str,
    /// The smallest plan that has its module.
    plan: Plan,
    /// Whether one has it oneself, and so may give it to others.
    granted: bool,
}

/// Everything that can be permitted, in the order of its names.
#[utoipa::path(
    get, path = "/permissions", tag = "roles",
    responses((status = 200, description = "The registry.", body = Envelope<PermissionList>)),
)]
pub(crate) async fn permission_list(signed_in: SignedIn) -> Data<PermissionList> {
    let view = |permission: &Permission| {
        let (module, action) = permission.as_str().split_once(':').unwrap_or_default();
        PermissionView {
            id: permission.as_str(),
            module,
            action,
            description: permission.description(),
            plan: Plan::of_module(module),
            granted: signed_in.authority.permissions.has(*permission),
        }
    };
    Data(PermissionList { permissions: Permission::ALL.iter().map(view).collect() })
}

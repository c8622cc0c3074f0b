//! `GET /auth/me`.

use axum::extract::State;
use domain::session::Must;
use domain::{Branch, BranchId, Caller, Membership, OrganizationId, Phone, Plan, RoleKey, RowReach, User};
use futures::future::try_join_all;
use serde::Serialize;
use store::there;
use utoipa::ToSchema;
use web::{App, Data, Entering, Envelope, Problem};

use crate::sign_in::{OrganizationName, SignInUser};

/// Who one is here, and what one may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    user: SignInUser,
    phone: Option<Phone>,
    organization: OrganizationName,
    role: RoleKey,
    /// The rows one reaches.
    reach: RowReach,
    /// What one may do: `module:action`.
    #[schema(value_type = Vec<String>)]
    grants: Vec<&'static str>,
    /// The frontend's modules that the role opens.
    #[schema(value_type = Vec<String>)]
    modules: Vec<&'static str>,
    /// The organization's plan.
    plan: Plan,
    /// What must be done before anything else is permitted.
    #[schema(required)]
    must: Option<Must>,
    /// Where one works; the first is where one's new records go.
    branches: Vec<BranchName>,
}

/// A branch by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchName {
    id: BranchId,
    name: String,
}

/// Tells who is signed in, in which organization, and what they may do there.
#[utoipa::path(
    get, path = "/auth/me", tag = "auth",
    responses((status = 200, description = "The signed-in person.", body = Envelope<Me>)),
)]
pub(crate) async fn auth_me(State(app): State<App>, Entering(signed_in, must): Entering) -> Result<Data<Me>, Problem> {
    // One's own branches are one's to know, whatever rows one reaches.
    let grant = Caller::system(signed_in.caller.organization(), "auth").own();
    let everyone = Caller::system(OrganizationId::PLATFORM, "auth").own();
    let (user, membership, organization) = futures::join!(
        app.table().get::<User>(&everyone, signed_in.user),
        app.table().get::<Membership>(&grant, Membership::id_of(signed_in.user)),
        app.organization(&grant),
    );
    let (user, membership, organization) = (user?, membership?, organization?);
    let branches = try_join_all(membership.branches.iter().map(|id| branch(&app, &grant, *id))).await?;
    Ok(Data(Me {
        phone: user.phone.clone(),
        plan: organization.plan,
        must,
        user: SignInUser::new(user, &signed_in.authority),
        organization: (&organization).into(),
        role: membership.role,
        reach: signed_in.authority.reach,
        grants: signed_in.caller.permissions().iter().map(domain::Permission::as_str).collect(),
        modules: signed_in.authority.modules(),
        branches: branches.into_iter().flatten().collect(),
    }))
}

async fn branch(app: &App, grant: &domain::Grant, id: BranchId) -> Result<Option<BranchName>, Problem> {
    let branch = there(app.table().get::<Branch>(grant, id).await)?;
    Ok(branch.map(|branch| BranchName { id, name: branch.name }))
}

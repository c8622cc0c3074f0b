//! `GET /users/profile`.

use axum::extract::State;
use domain::{Caller, Membership, OrganizationId, Permission, User, UserId};
use web::{App, Envelope, Params, Problem, SignedIn, Versioned};

use super::{ProfileView, own_or};

/// One's own profile, or that of `userId`, which needs `users:read`.
#[utoipa::path(
    get, path = "/users/profile", tag = "users",
    params(("userId" = Option<UserId>, Query, description = "Whose; one's own where nothing is said.")),
    responses((status = 200, description = "The profile.", body = Envelope<ProfileView>)),
)]
pub(crate) async fn profile_view(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Versioned<ProfileView>, Problem> {
    let mut wrong = Vec::new();
    let user = params.parsed("userId", &mut wrong).unwrap_or(signed_in.user);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let grant = own_or(&signed_in, user, Permission::UsersRead)?;
    let member: Membership = app.table().get(&grant, Membership::id_of(user)).await?;
    let everyone = Caller::system(OrganizationId::PLATFORM, "users").own();
    let user: User = app.table().get(&everyone, user).await?;
    let version = member.meta.version;
    Ok(Versioned(ProfileView::seen_by(&signed_in, &grant, user, member), version))
}

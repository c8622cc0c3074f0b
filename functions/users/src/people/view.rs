//! `GET /users/{id}`.

use axum::extract::State;
use domain::{Membership, Permission, UserId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::UserView;

/// One person.
#[utoipa::path(
    get, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "The person.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersRead)?;
    let member: Membership = app.table().get(&grant, Membership::id_of(id)).await?;
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}

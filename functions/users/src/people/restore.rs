//! `POST /users/{id}/restore`.

use axum::extract::State;
use domain::{MemberStatus, Membership, Permission, UserId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::editing::Edit;

/// Lets somebody in again who was deactivated or rejected. They take a seat; where the plan has none left, 403
/// `plan_limit`.
#[utoipa::path(
    post, path = "/users/{id}/restore", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "They may come in.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let now = app.now();
    let member = Edit::of(&app, &signed_in, &grant, id)
        .run(|member: Membership| match member.status {
            MemberStatus::Active | MemberStatus::Deactivated | MemberStatus::Rejected => {
                Ok(member.decide(MemberStatus::Active, None, "membership.restored", now))
            }
            MemberStatus::Pending => Err(Problem::conflict("pending", "Approve or reject them first.")),
        })
        .await?;
    app.forget_everybody();
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}

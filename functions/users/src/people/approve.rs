//! `POST /users/{id}/approve`.

use axum::extract::State;
use domain::{MemberStatus, Membership, MessageTemplate, Permission, UserId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::editing::Edit;

/// Lets somebody in who registered themselves, and tells them. Where the plan has no seat left, 403 `plan_limit`; where
/// they do not wait for it, 409 `not_pending`.
#[utoipa::path(
    post, path = "/users/{id}/approve", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "They may come in.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_approve(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let now = app.now();
    let member = Edit::of(&app, &signed_in, &grant, id)
        .telling(MessageTemplate::AccountApproved)
        .run(|member: Membership| match member.status {
            MemberStatus::Pending => Ok(member.decide(MemberStatus::Active, None, "membership.approved", now)),
            _ => Err(Problem::conflict("not_pending", "They do not wait for anybody to decide.")),
        })
        .await?;
    app.forget_everybody();
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}

//! `DELETE /users/{id}`.

use axum::extract::State;
use domain::{MemberStatus, Membership, Permission, UserId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn};

use crate::editing::Edit;

/// Lets somebody in no more: their sign-ins and the keys of their machines open nothing from then on (within 30
/// seconds), their seat is free, they get no new leads; all that they did stays. `POST /users/{id}/restore` lets them
/// in again, at any time.
///
/// The last administrator of all rows stays: 409 `last_admin`.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "They may come in no more.", body = Envelope<Deleted>)),
)]
pub(crate) async fn user_deactivate(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let now = app.now();
    Edit::of(&app, &signed_in, &grant, id)
        .seen(if_match, &["status"])
        .run(|member: Membership| Ok(member.decide(MemberStatus::Deactivated, None, "membership.deactivated", now)))
        .await?;
    app.forget_everybody();
    Ok(Data(Deleted::for_good(&id)))
}

//! `POST /invites/{id}/revoke`.

use axum::extract::State;
use domain::invite::InviteState;
use domain::{Change, Invite, InviteId, Permission};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::InviteView;

/// Takes an invitation back: its link opens nothing more. One that was taken up is 409 `invite_over`.
#[utoipa::path(
    post, path = "/invites/{id}/revoke", tag = "invites", params(("id" = InviteId, Path)),
    responses((status = 200, description = "Taken back.", body = Envelope<InviteView>)),
)]
pub(crate) async fn invite_revoke(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<InviteId>,
) -> Result<Versioned<InviteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let now = app.now();
    let invite = change(&app, &grant, id, IfMatch(None), &[], |invite: Invite| match invite.state {
        InviteState::Pending => Ok(invite.revoke(now)),
        InviteState::Revoked => Ok(Change::update(invite.clone(), invite, "invite.revoked")),
        InviteState::Accepted => Err(Problem::conflict("invite_over", "It was taken up.")),
    })
    .await?;
    let version = invite.meta.version;
    Ok(Versioned(InviteView::new(invite, now), version))
}

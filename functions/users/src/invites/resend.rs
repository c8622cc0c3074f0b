//! `POST /invites/{id}/resend`.

use axum::extract::State;
use domain::invite::InviteState;
use domain::{Invite, InviteId, Permission};
use web::invite_token::InviteToken;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{InviteView, message, refuse_invite_beyond};

/// Sends an invitation again with a new link, good for seven days; the old one opens nothing more. From then on it is
/// from whoever sent it again.
#[utoipa::path(
    post, path = "/invites/{id}/resend", tag = "invites", params(("id" = InviteId, Path)),
    responses((status = 200, description = "Sent again.", body = Envelope<InviteView>)),
)]
pub(crate) async fn invite_resend(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<InviteId>,
) -> Result<Versioned<InviteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let now = app.now();
    let invite: Invite = app.table().get_to_change(&grant, id).await?;
    if invite.state != InviteState::Pending {
        return Err(Problem::conflict("invite_over", "It was taken up or taken back."));
    }
    refuse_invite_beyond(&app, &signed_in, &invite).await?;
    let token = InviteToken::new(grant.organization(), id, app.platform().random());
    let change = invite.resend(signed_in.user, token.hash(), now);
    let message = message(&app, &change.after, token).await?;
    let mut transaction = app.table().transaction();
    let invite = transaction.push(&grant, change)?;
    transaction.push(&grant, message)?;
    transaction.commit().await?;
    let version = invite.meta.version;
    Ok(Versioned(InviteView::new(invite, now), version))
}

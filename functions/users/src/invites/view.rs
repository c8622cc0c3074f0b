//! `GET /invites/{id}`.

use axum::extract::State;
use domain::{Invite, InviteId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::InviteView;

/// One invitation.
#[utoipa::path(
    get, path = "/invites/{id}", tag = "invites", params(("id" = InviteId, Path)),
    responses((status = 200, description = "The invitation.", body = Envelope<InviteView>)),
)]
pub(crate) async fn invite_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<InviteId>,
) -> Result<Versioned<InviteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersRead)?;
    let invite: Invite = app.table().get(&grant, id).await?;
    let version = invite.meta.version;
    Ok(Versioned(InviteView::new(invite, app.now()), version))
}

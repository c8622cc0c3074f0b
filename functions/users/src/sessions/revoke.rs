//! `DELETE /users/sessions/{id}/revoke`.

use axum::extract::State;
use domain::{Caller, Permission, Session, SessionId};
use web::{App, Data, Deleted, Envelope, FromDevice, IfMatch, PathId, Problem, SignedIn, refuse_changed};

use super::{end, refuse_others};

/// Ends one of one's own sessions, or with `users:write` another's: its refresh token is good no more at once, its
/// access token within 30 seconds.
#[utoipa::path(
    delete, path = "/users/sessions/{id}/revoke", tag = "users", params(("id" = SessionId, Path)),
    responses((status = 200, description = "It is over.", body = Envelope<Deleted>)),
)]
pub(crate) async fn session_revoke(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SessionId>,
    if_match: IfMatch,
    FromDevice(device): FromDevice,
) -> Result<Data<Deleted>, Problem> {
    let tenant = Caller::system(signed_in.caller.organization(), "users").own();
    let session: Session = app.table().get(&tenant, id).await?;
    let own = session.user == signed_in.user && signed_in.session.is_some();
    // Whoever may not see others' sessions is not told that there is one.
    if !own && !signed_in.caller.may(Permission::UsersWrite) {
        return Err(Problem::not_found());
    }
    refuse_others(&app, &signed_in, session.user).await?;
    refuse_changed(&app, &tenant, &session, if_match, &[]).await?;
    end(&app, &signed_in, id, &device).await?;
    Ok(Data(Deleted::for_good(&id)))
}

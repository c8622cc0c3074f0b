//! `POST /auth/logout`.

use axum::extract::State;
use domain::session::RevokedWhy;
use domain::{Session, SessionId};
use serde::Serialize;
use store::Refused;
use utoipa::ToSchema;
use web::{App, Data, Entering, Envelope, Problem};

use crate::account::unraced;
use crate::sessions::revoked;
use crate::visit::Visit;

/// It may be refreshed, or ended from elsewhere, at the same time.
const LOOKS: u32 = 4;

/// A sign-in that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedOut {
    /// Which.
    session_id: SessionId,
}

/// Ends the sign-in. Its refresh token is good no more at once; its access token within 30 seconds.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth",
    responses((status = 200, description = "Signed out.", body = Envelope<SignedOut>)),
)]
pub(crate) async fn auth_logout(
    State(app): State<App>,
    visit: Visit,
    Entering(signed_in, _): Entering,
) -> Result<Data<SignedOut>, Problem> {
    let (grant, id) = (signed_in.own(), signed_in.person()?);
    for _ in 0..LOOKS {
        let session: Session = app.table().get_to_change(&grant, id).await?;
        // It ended at once with another request; why and when stay true.
        if session.revoked.is_none() {
            let mut transaction = app.table().transaction();
            let event = revoked(&app, &visit, &session, RevokedWhy::Logout);
            transaction.push(&grant, session.revoke(RevokedWhy::Logout, app.now()))?;
            transaction.push(&grant, event)?;
            if unraced(transaction.commit().await)?.is_none() {
                continue;
            }
        }
        app.forget_session(id);
        return Ok(Data(SignedOut { session_id: id }));
    }
    Err(Refused::Conflict.into())
}

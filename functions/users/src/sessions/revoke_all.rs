//! `POST /users/sessions/revoke-all`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::{Caller, Session, Slot, UserId};
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Data, Envelope, FromDevice, Params, Problem, SignedIn};

use super::{end, refuse_others};

/// Sessions read at once.
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// What was ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionsRevoked {
    /// How many sessions.
    revoked: u32,
}

/// Ends all of one's own sessions but the one that asks; or with `users:write` all of `userId`.
#[utoipa::path(
    post, path = "/users/sessions/revoke-all", tag = "users",
    params(("userId" = Option<UserId>, Query, description = "Whose; one's own where nothing is said.")),
    responses((status = 200, description = "They are over.", body = Envelope<SessionsRevoked>)),
)]
pub(crate) async fn session_revoke_all(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
    FromDevice(device): FromDevice,
) -> Result<Data<SessionsRevoked>, Problem> {
    let mut wrong = Vec::new();
    let user = params.parsed("userId", &mut wrong).unwrap_or(signed_in.user);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    refuse_others(&app, &signed_in, user).await?;
    let tenant = Caller::system(signed_in.caller.organization(), "users").own();
    let mut query = ListQuery::new(Slot::Two, "user", user.to_string(), AT_ONCE);
    let (now, mut revoked) = (app.now(), 0);
    loop {
        let other = |session: &Session| session.is_live(now) && Some(session.id) != signed_in.session;
        let page = app.table().list(&tenant, &query, other).await?;
        for session in page.records {
            revoked += u32::from(end(&app, &signed_in, session.id, &device).await?);
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(Data(SessionsRevoked { revoked }));
        }
    }
}

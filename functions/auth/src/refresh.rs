//! `POST /auth/refresh`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::session::Refreshed;
use domain::{SecurityKind, Session, User};
use serde::Deserialize;
use store::{ReadError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem, Secret};

use crate::Signer;
use crate::account::unraced;
use crate::refresh_token::RefreshToken;
use crate::sign_in::{Place, SignIn};
use crate::visit::Visit;

/// Two refreshes at once are settled at the second look; more looks than this mean trouble elsewhere.
const LOOKS: u32 = 4;

/// A refresh token to be exchanged.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RefreshRequest {
    #[serde(default)]
    #[schema(value_type = String, required)]
    refresh_token: Field<String>,
}

impl Fields for RefreshRequest {
    const WRITES: &'static [&'static str] = &["refresh_token"];
}

impl RefreshRequest {
    fn parse(self) -> Result<RefreshToken, Problem> {
        let mut wrong = Vec::new();
        let Some(text) = self.refresh_token.required("refresh_token", &mut wrong) else { return Err(wrong.into()) };
        text.parse().map_err(|_| invalid_token())
    }
}

/// Exchanges a refresh token for a new pair; the old one is used up. Within ten seconds it gives the same new refresh
/// token again, for the answer may have been lost, or two windows of one browser may have asked at once. Later, one
/// that comes a second time means that somebody has a copy, and ends the sign-in for whoever holds it.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", security(()), request_body = RefreshRequest,
    responses((status = 200, description = "The next pair of tokens.", body = Envelope<SignIn>)),
)]
pub(crate) async fn auth_refresh(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    Body(body): Body<RefreshRequest>,
) -> Result<Secret<Data<SignIn>>, Problem> {
    let shown = body.parse()?;
    let (grant, everyone) = (visit.grant(shown.organization), visit.everyone());
    for _ in 0..LOOKS {
        let session: Session = app.table().get_to_change(&grant, shown.session).await.map_err(no_longer)?;
        let user: User = app.table().get(&everyone, session.user).await.map_err(no_longer)?;
        let Some(place) = Place::of(&app, user, Some(shown.organization)).await? else { return Err(invalid_token()) };

        // Whoever made one up must not end somebody's sign-in with it.
        if !shown.is_genuine(app.table().hash_key(), &session) {
            return Err(invalid_token());
        }
        let (change, reused) = match session.refresh(shown.generation, app.now()) {
            Refreshed::Rotated(change) => (change, false),
            Refreshed::Reused(change) => (change, true),
            Refreshed::Again(session) => return place.tokens(&app, &signer, &session).map(|data| Secret(Data(data))),
            Refreshed::Over => return Err(invalid_token()),
        };
        let mut transaction = app.table().transaction();
        let session = transaction.push(&grant, change)?;
        if reused {
            let event = visit.event(&app, shown.organization, SecurityKind::RefreshReused);
            transaction.push(&grant, event.about(session.user).of_session(session.id).happened())?;
        }
        if unraced(transaction.commit().await)?.is_none() {
            continue;
        }
        app.forget_session(session.id);
        if reused {
            return Err(invalid_token());
        }
        return place.tokens(&app, &signer, &session).map(|data| Secret(Data(data)));
    }
    Err(Refused::Conflict.into())
}

fn invalid_token() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_refresh_token", "The refresh token is not good. Sign in again.")
}

fn no_longer(error: ReadError) -> Problem {
    match error {
        ReadError::NotFound => invalid_token(),
        ReadError::Store(error) => error.into(),
    }
}

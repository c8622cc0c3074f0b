//! `GET /users/sessions`.

use axum::extract::State;
use domain::{List, Permission, Session, SessionId, Slot, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use crate::profile::own_or;

/// A page of sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    sessions: Vec<SessionView>,
    pagination: Pagination,
}

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: SessionId,
    /// What the browser or the app calls itself.
    device: String,
    /// Where they signed in from.
    address: String,
    /// Whether it is the one that asks.
    current: bool,
    /// When it was last used, to a quarter of an hour.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends by itself, unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SessionView {
    fn new(session: Session, asking: Option<SessionId>) -> Self {
        Self {
            current: asking == Some(session.id),
            id: session.id,
            device: session.device.user_agent,
            address: session.device.address,
            last_seen_at: session.last_seen_at,
            created_at: session.meta.created_at,
            expires_at: session.expires_at,
        }
    }
}

/// Where one is signed in, or where `userId` is, which needs `users:read`; the newest first.
#[utoipa::path(
    get, path = "/users/sessions", tag = "users",
    params(
        PageQuery,
        ("userId" = Option<UserId>, Query, description = "Whose; one's own where nothing is said."),
    ),
    responses((status = 200, description = "A page of sessions.", body = Envelope<SessionList>)),
)]
pub(crate) async fn session_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SessionList>, Problem> {
    let mut wrong = Vec::new();
    let user = params.parsed("userId", &mut wrong).unwrap_or(signed_in.user);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let grant = own_or(&signed_in, user, Permission::UsersRead)?;
    let (list, now) = (List::new(Slot::Two, "user", user), app.now());
    let live = |session: &Session| session.is_live(now);
    let (sessions, pagination) = page_of(&app, &grant, &params, &list, Shown::Filtered, live).await?;
    let sessions = sessions.into_iter().map(|session| SessionView::new(session, signed_in.session)).collect();
    Ok(Data(SessionList { sessions, pagination }))
}

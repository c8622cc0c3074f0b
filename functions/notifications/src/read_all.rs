//! `PUT /notifications/mark-all-read` and `PUT /notifications/agent/{agentId}/read-all`.

use axum::extract::State;
use domain::{Grant, Inbox, Permission, UserId};
use serde::Serialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, refuse_changed};

use crate::{TRIES, reach};

/// What was marked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllRead {
    /// How many were not read before.
    updated: u32,
    /// How many are not read now.
    unread_count: u32,
}

/// Moves the mark up to which somebody has read everything: 1 read and 1 write, however many there are. The answer's tag
/// is the inbox's.
async fn read_all(app: &App, grant: &Grant, user: UserId, if_match: IfMatch) -> Result<Versioned<AllRead>, Problem> {
    for _ in 0..TRIES {
        let now = app.now();
        let inbox: Inbox = app.table().inbox(grant, user, now).await?;
        refuse_changed(app, grant, &inbox, if_match, &[]).await?;
        let updated = inbox.figures(None, now).unread;
        if updated == 0 {
            return Ok(Versioned(AllRead { updated, unread_count: 0 }, inbox.meta.version));
        }
        match app.table().commit(grant, inbox.read_all(now)).await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(inbox) => return Ok(Versioned(AllRead { updated, unread_count: 0 }, inbox.meta.version)),
        }
    }
    Err(Refused::Conflict.into())
}

/// Marks all of one's notifications as read. 1 read and 1 write, however many there are.
#[utoipa::path(
    put, path = "/notifications/mark-all-read", tag = "notifications",
    responses((status = 200, description = "How many there were.", body = Envelope<AllRead>)),
)]
pub(crate) async fn notification_read_all(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
) -> Result<Versioned<AllRead>, Problem> {
    let user = signed_in.user;
    let grant = reach::of(&app, &signed_in, user, Permission::NotificationsWrite).await?;
    read_all(&app, &grant, user, if_match).await
}

/// The same for an agent: oneself, or with a permission somebody in reach.
#[utoipa::path(
    put, path = "/notifications/agent/{agentId}/read-all", tag = "notifications",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    responses((status = 200, description = "How many there were.", body = Envelope<AllRead>)),
)]
pub(crate) async fn notification_read_all_of_agent(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    if_match: IfMatch,
) -> Result<Versioned<AllRead>, Problem> {
    let grant = reach::of(&app, &signed_in, agent, Permission::NotificationsWrite).await?;
    read_all(&app, &grant, agent, if_match).await
}

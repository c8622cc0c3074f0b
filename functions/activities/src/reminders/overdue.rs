//! `GET /reminders/overdue/{agentId}`.

use axum::extract::State;
use domain::{Permission, UserId};
use web::members::member;
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use super::due_soon::pending;
use super::list::{ReminderList, listed};

/// Lists a person's reminders that are past due and not done, the oldest first: 1 Query.
#[utoipa::path(
    get, path = "/reminders/overdue/{agentId}", tag = "reminders",
    params(("agentId" = UserId, Path, description = "A user's id."), PageQuery),
    responses((status = 200, body = Envelope<ReminderList>)),
)]
pub(crate) async fn reminder_list_overdue(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<ReminderList>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    member(&app, &grant, agent).await?;
    let question = pending(agent, (None, app.now()), "overdue".to_owned());
    listed(&app, &grant, &params, &question).await
}

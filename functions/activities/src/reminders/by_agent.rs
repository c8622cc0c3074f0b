//! `GET /reminders/agent/{agentId}`.

use axum::extract::State;
use domain::{Permission, UserId};
use web::members::member;
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use super::KIND;
use super::list::{ReminderList, listed};
use crate::asked::RangeQuery;

/// Lists a person's reminders, those that are due first at the top. Filters as in the list of reminders.
#[utoipa::path(
    get, path = "/reminders/agent/{agentId}", tag = "reminders",
    params(("agentId" = UserId, Path, description = "A user's id."), PageQuery, RangeQuery),
    responses((status = 200, body = Envelope<ReminderList>)),
)]
pub(crate) async fn reminder_list_by_agent(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<ReminderList>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    member(&app, &grant, agent).await?;
    let question = KIND.question(&app, &grant, &params, Some(agent)).await?;
    listed(&app, &grant, &params, &question).await
}

//! `GET /reminders/sync/{agentId}`.

use axum::extract::State;
use domain::sync::SyncMode;
use domain::{Permission, Reminder, UserId};
use views::ReminderView;
use web::members::member;
use web::sync::{Fetched, SyncQuery, fetch, fetch_asked};
use web::{App, Data, Envelope, Params, PathId, Problem, SignedIn};

/// The reminders of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
/// last minute is told again each time. 410 `sync_expired` after 30 days.
///
/// Costs 1 Query, 1 read a reminder, and 1 write, or 2 where there is something to tell.
#[utoipa::path(
    get, path = "/reminders/sync/{agentId}", tag = "reminders",
    params(("agentId" = UserId, Path, description = "A user's id."), SyncQuery),
    responses((status = 200, description = "What changed.", body = Envelope<Fetched<ReminderView>>)),
)]
pub(crate) async fn reminder_sync_fetch(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<Fetched<ReminderView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    member(&app, &grant, agent).await?;
    let (since, limit) = fetch_asked(&params)?;
    let (since, mode) = ((since.as_deref(), limit), SyncMode::Incremental);
    Ok(Data(
        fetch(&app, &signed_in, &grant, agent, mode, since, |reminder: Reminder| ReminderView::from(reminder)).await?,
    ))
}

//! `POST /sync/full/{agentId}`.

use axum::extract::State;
use domain::sync::SyncMode;
use domain::{Call, Lead, Permission, Reminder, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use views::{CallView, LeadView, ReminderView};
use web::members::member;
use web::sync::{Asking, Fetched, fetch};
use web::{App, Body, Data, Envelope, PathId, Problem, SignedIn};

/// All that somebody's client keeps, from the beginning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FullSync {
    agent_id: UserId,
    leads: Fetched<LeadView>,
    /// `null` for those who do not see calls.
    #[schema(required)]
    calls: Option<Fetched<CallView>>,
    /// `null` for those who do not see reminders.
    #[schema(required)]
    reminders: Option<Fetched<ReminderView>>,
    /// Whether there is more of any kind: `POST /sync/{type}/{agentId}` goes on with that kind's `next_cursor`.
    has_more: bool,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// Tells all that somebody's client keeps, from the beginning: the first part of each kind. What the client changed goes
/// to `POST /leads/sync` and the like before, where it is merged; this operation takes no changes.
///
/// Costs 1 read, and for each kind what its `GET /leads/sync/{agentId}` costs.
#[utoipa::path(
    post, path = "/sync/full/{agentId}", tag = "sync",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    request_body = Asking,
    responses((status = 200, description = "The first part of everything.", body = Envelope<FullSync>)),
)]
pub(crate) async fn sync_full(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    Body(body): Body<Asking>,
) -> Result<Data<FullSync>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    member(&app, &grant, agent).await?;
    let (since, limit) = body.parse()?;
    if since.is_some() {
        let invalid = domain::Invalid::new("not_here", "goes with one kind: POST /sync/{type}/{agentId}");
        return Err(Problem::field("since", invalid));
    }
    let (since, mode) = ((None, limit), SyncMode::Full);
    let leads =
        fetch(&app, &signed_in, &grant, agent, mode, since, |lead: Lead| LeadView::seen_by(&grant, lead)).await?;
    let calls = match signed_in.caller.allow(Permission::CallsRead) {
        Ok(grant) => {
            let view = |call: Call| CallView::seen_by(&grant, call);
            Some(fetch(&app, &signed_in, &grant, agent, mode, since, view).await?)
        }
        Err(_) => None,
    };
    let reminders = match signed_in.caller.allow(Permission::RemindersRead) {
        Ok(grant) => {
            let view = |reminder: Reminder| ReminderView::from(reminder);
            Some(fetch(&app, &signed_in, &grant, agent, mode, since, view).await?)
        }
        Err(_) => None,
    };
    let has_more = leads.has_more()
        || calls.as_ref().is_some_and(Fetched::has_more)
        || reminders.as_ref().is_some_and(Fetched::has_more);
    Ok(Data(FullSync { agent_id: agent, leads, calls, reminders, has_more, server_time: app.now() }))
}

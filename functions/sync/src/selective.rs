//! `POST /sync/{type}/{agentId}`.

use axum::extract::State;
use domain::sync::SyncMode;
use domain::{Call, Lead, Reminder, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use views::{CallView, LeadView, ReminderView};
use web::members::member;
use web::sync::{Asking, Fetched, fetch};
use web::{App, Body, Data, Envelope, PathId, Problem, SignedIn};

use crate::kind::Kind;

/// A part of one kind of records that somebody's client keeps, as the kind's own operations show it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum KindSync {
    Leads(KindPart<LeadView>),
    Calls(KindPart<CallView>),
    Reminders(KindPart<ReminderView>),
}

/// The part, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindPart<V> {
    agent_id: UserId,
    #[serde(flatten)]
    part: Fetched<V>,
}

/// Tells one kind of what somebody's client keeps: all of it, or what changed since `since`, which is the `next_cursor`
/// of any answer about this kind and person. Costs 1 read and what `GET /leads/sync/{agentId}` costs.
#[utoipa::path(
    post, path = "/sync/{type}/{agentId}", tag = "sync",
    params(("type" = Kind, Path), ("agentId" = UserId, Path, description = "A user's id.")),
    request_body = Asking,
    responses((status = 200, description = "A part of that kind.", body = Envelope<KindSync>)),
)]
pub(crate) async fn sync_selective(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId((kind, agent)): PathId<(Kind, UserId)>,
    Body(body): Body<Asking>,
) -> Result<Data<KindSync>, Problem> {
    let grant = signed_in.caller.allow(kind.reading())?;
    member(&app, &grant, agent).await?;
    let (since, limit) = body.parse()?;
    let (since, mode) = ((since.as_deref(), limit), SyncMode::Selective);
    Ok(Data(match kind {
        Kind::Leads => {
            let view = |lead: Lead| LeadView::seen_by(&grant, lead);
            let part = fetch(&app, &signed_in, &grant, agent, mode, since, view).await?;
            KindSync::Leads(KindPart { agent_id: agent, part })
        }
        Kind::Calls => {
            let view = |call: Call| CallView::seen_by(&grant, call);
            let part = fetch(&app, &signed_in, &grant, agent, mode, since, view).await?;
            KindSync::Calls(KindPart { agent_id: agent, part })
        }
        Kind::Reminders => {
            let view = |reminder: Reminder| ReminderView::from(reminder);
            let part = fetch(&app, &signed_in, &grant, agent, mode, since, view).await?;
            KindSync::Reminders(KindPart { agent_id: agent, part })
        }
    }))
}

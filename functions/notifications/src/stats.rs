//! `GET /notifications/stats/{agentId}`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::notification::Figures;
use domain::{NotificationType, Permission, Priority, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::reach;

/// What somebody was notified of, in figures of now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationStats {
    agent_id: UserId,
    total: u32,
    unread: u32,
    read: u32,
    /// By type; types of which there are none are left out.
    by_type: BTreeMap<&'static str, Figures>,
    /// By priority, likewise.
    by_priority: BTreeMap<&'static str, Figures>,
}

/// What an agent was notified of, in exact figures of now: 1 read.
#[utoipa::path(
    get, path = "/notifications/stats/{agentId}", tag = "notifications",
    params(("agentId" = UserId, Path, description = "A user's id.")),
    responses((status = 200, description = "The figures.", body = Envelope<NotificationStats>)),
)]
pub(crate) async fn notification_stats(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
) -> Result<Data<NotificationStats>, Problem> {
    let grant = reach::of(&app, &signed_in, agent, Permission::NotificationsRead).await?;
    let now = app.now();
    let inbox = app.table().inbox(&grant, agent, now).await?;
    let some = |(_, figures): &(&'static str, Figures)| figures.total > 0;
    let by_type = NotificationType::ALL.into_iter().map(|kind| (kind.as_str(), inbox.figures(Some(kind), now)));
    let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent];
    let by_priority = priorities.into_iter().map(|priority| (priority.as_str(), inbox.figures_of(priority, now)));
    let Figures { total, unread } = inbox.figures(None, now);
    Ok(Data(NotificationStats {
        agent_id: agent,
        total,
        unread,
        read: total - unread,
        by_type: by_type.filter(some).collect(),
        by_priority: by_priority.filter(some).collect(),
    }))
}

//! `GET /analytics/events/{id}`.

use axum::extract::State;
use domain::{AnalyticsEventId, Permission};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::EventView;

/// One event of analytics.
#[utoipa::path(
    get, path = "/analytics/events/{id}", tag = "analytics", params(("id" = AnalyticsEventId, Path)),
    responses((status = 200, description = "The event.", body = Envelope<EventView>)),
)]
pub(crate) async fn analytics_event_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<AnalyticsEventId>,
) -> Result<Data<EventView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AnalyticsRead)?;
    let event: domain::AnalyticsEvent = app.table().get(&grant, id).await?;
    Ok(Data(event.into()))
}

//! `GET /events/{id}`.

use axum::extract::State;
use domain::webhook::EventMessage;
use domain::{EventId, Permission};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::allowed;

/// One event of the last 30 days, as an endpoint of yours would be sent it. One that went with its record, when that was
/// purged, is a 404. Costs 2 reads.
#[utoipa::path(
    get, path = "/events/{id}", tag = "events", params(("id" = EventId, Path)),
    responses((status = 200, description = "The event.", body = Envelope<EventMessage>)),
)]
pub(crate) async fn event_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<EventId>,
) -> Result<Data<EventMessage>, Problem> {
    let grant = allowed(&signed_in, Permission::EventsRead)?;
    let event = app.table().logged_event(&grant, id).await?;
    Ok(Data(EventMessage::of(event, grant.clear())))
}

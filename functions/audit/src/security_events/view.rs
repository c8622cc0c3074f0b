//! `GET /security-events/{id}`.

use axum::extract::State;
use domain::{Permission, SecurityEvent, SecurityEventId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::SecurityEventView;

/// One security event.
#[utoipa::path(
    get, path = "/security-events/{id}", tag = "audit", params(("id" = SecurityEventId, Path)),
    responses((status = 200, description = "The security event.", body = Envelope<SecurityEventView>)),
)]
pub(crate) async fn security_event_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SecurityEventId>,
) -> Result<Versioned<SecurityEventView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SecurityRead)?;
    let event: SecurityEvent = app.table().get(&grant, id).await?;
    let version = event.meta.version;
    Ok(Versioned(SecurityEventView::of(event, grant.clear()), version))
}

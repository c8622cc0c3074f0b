//! `GET /communications/{id}`.

use axum::extract::State;
use domain::{CommunicationId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{CommunicationView, seen};

/// One communication: of yours, or with a lead in reach. 1 read, or 2.
#[utoipa::path(
    get, path = "/communications/{id}", tag = "communications", params(("id" = CommunicationId, Path)),
    responses((status = 200, body = Envelope<CommunicationView>, headers(("ETag" = String)))),
)]
pub(crate) async fn communication_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CommunicationId>,
) -> Result<Versioned<CommunicationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsRead)?;
    let communication = seen(&app, &grant, id).await?;
    let version = communication.meta.version;
    Ok(Versioned(CommunicationView::new(communication, grant.clear()), version))
}

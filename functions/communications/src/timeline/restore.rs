//! `POST /communications/{id}/restore`.

use axum::extract::State;
use domain::{Communication, CommunicationId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::CommunicationView;

/// Brings a deleted communication of yours back to the timeline. 1 read, 1 transaction.
#[utoipa::path(
    post, path = "/communications/{id}/restore", tag = "communications", params(("id" = CommunicationId, Path)),
    responses((status = 200, body = Envelope<CommunicationView>, headers(("ETag" = String)))),
)]
pub(crate) async fn communication_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CommunicationId>,
) -> Result<Versioned<CommunicationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsWrite)?;
    let known: Communication = app.table().get_deleted(&grant, id).await?;
    let communication = app.table().commit(&grant, known.restore(app.now())).await?;
    let version = communication.meta.version;
    Ok(Versioned(CommunicationView::new(communication, grant.clear()), version))
}

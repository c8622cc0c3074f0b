//! `DELETE /communications/{id}`.

use axum::extract::State;
use domain::{Communication, CommunicationId, CommunicationStatus, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a communication of yours from the timeline; it can be restored for 30 days. One that waits to be sent is not
/// deleted but taken back first (`cancelled`): 409 `not_gone_out`. 1 read, 1 transaction.
#[utoipa::path(
    delete, path = "/communications/{id}", tag = "communications", params(("id" = CommunicationId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn communication_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CommunicationId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::CommunicationsWrite)?, app.now());
    change(&app, &grant, id, if_match, &[], |one: Communication| {
        let waits = matches!(one.status, CommunicationStatus::Queued | CommunicationStatus::Scheduled);
        if one.is_carried() && waits {
            return Err(Problem::conflict("not_gone_out", "It waits to be sent: take it back first."));
        }
        Ok(one.delete(now))
    })
    .await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

//! `DELETE /integrations/{id}`.

use axum::extract::State;
use domain::{Change, Integration, IntegrationId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Removes a connection; its address takes nothing any more.
#[utoipa::path(
    delete, path = "/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn integration_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<IntegrationId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::IntegrationsWrite)?, app.now());
    let gone = |integration: Integration| Ok(Change::delete(integration, now, "integration.deleted"));
    change(&app, &grant, id, if_match, &[], gone).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

//! `DELETE /webhook-endpoints/{id}`.

use axum::extract::State;
use domain::{Permission, WebhookEndpoint, WebhookEndpointId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

use crate::allowed;

/// Deletes an endpoint: it is told nothing more, and what was on its way has failed. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/webhook-endpoints/{id}", tag = "webhook endpoints", params(("id" = WebhookEndpointId, Path)),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn webhook_endpoint_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |endpoint: WebhookEndpoint| Ok(endpoint.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

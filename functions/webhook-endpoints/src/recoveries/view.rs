//! `GET /webhook-endpoints/{id}/recoveries/{recovery_id}`.

use axum::extract::State;
use domain::{Permission, WebhookEndpointId, WebhookRecovery, WebhookRecoveryId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::RecoveryView;
use crate::allowed;

/// How far a recovery is. Costs 1 read.
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}/recoveries/{recovery_id}", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path), ("recovery_id" = WebhookRecoveryId, Path)),
    responses((status = 200, description = "The recovery.", body = Envelope<RecoveryView>)),
)]
pub(crate) async fn webhook_recovery_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId((id, recovery)): PathId<(WebhookEndpointId, WebhookRecoveryId)>,
) -> Result<Versioned<RecoveryView>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsRead)?;
    let recovery: WebhookRecovery = app.table().get(&grant, recovery).await?;
    if recovery.endpoint != id {
        return Err(Problem::not_found());
    }
    let version = recovery.meta.version;
    Ok(Versioned(recovery.into(), version))
}

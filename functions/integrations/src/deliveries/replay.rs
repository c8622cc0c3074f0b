//! `POST /integrations/{id}/deliveries/{delivery}/replay`.

use axum::extract::State;
use domain::integration_log::{IntegrationOutcome, IntegrationWork};
use domain::provider_delivery::DeliveryStep;
use domain::{
    Grant, IntegrationId, IntegrationLog, IntegrationLogId, Permission, ProviderDelivery, ProviderDeliveryId,
};
use serde_json::json;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::{DeliveryView, delivery};

/// Has a delivery dealt with anew, whatever became of it, as it came. What was done already is not done twice. The log says
/// who asked for it. Costs 2 reads, 1 transaction and 1 message.
#[utoipa::path(
    post, path = "/integrations/{id}/deliveries/{delivery}/replay", tag = "integrations",
    params(("id" = IntegrationId, Path), ("delivery" = ProviderDeliveryId, Path)),
    responses((status = 200, description = "It waits again.", body = Envelope<DeliveryView>)),
)]
pub(crate) async fn integration_delivery_replay(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(ids): PathId<(IntegrationId, ProviderDeliveryId)>,
) -> Result<Data<DeliveryView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let found = delivery(&app, &grant, ids).await?;
    let mut transaction = app.table().transaction();
    transaction.push_unseen(&grant, asked(&app, &grant, &signed_in, &found)?)?;
    let waiting = transaction.push_unseen(&grant, found.replayed(app.now()))?;
    transaction.commit().await?;
    let step = DeliveryStep { organization: grant.organization(), delivery: waiting.id };
    app.platform().send_delivery(step).await?;
    Ok(Data(waiting.into()))
}

/// The row of the log.
fn asked(
    app: &App,
    grant: &Grant,
    signed_in: &SignedIn,
    delivery: &ProviderDelivery,
) -> Result<domain::Change<IntegrationLog>, Problem> {
    let over = (delivery.integration_id, delivery.provider);
    let work = IntegrationWork::over(over, "webhook_replay", IntegrationOutcome::Info).map_err(Problem::internal)?;
    let work =
        IntegrationWork { request_data: Some(json!({"delivery": delivery.id, "status": delivery.status})), ..work };
    let (id, now) = (IntegrationLogId::at(app.now(), app.platform().random()), app.now());
    Ok(IntegrationLog::write(id, grant.organization(), work, Some(signed_in.user), now))
}

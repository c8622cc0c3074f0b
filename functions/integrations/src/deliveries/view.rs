//! `GET /integrations/{id}/deliveries/{delivery}`.

use axum::extract::State;
use domain::{IntegrationId, Permission, ProviderDeliveryId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::{DeliveryView, delivery, sees_all};

/// Where bodies lie that are too long for a record.
const AREA: &str = "deliveries";
/// No body is longer.
const MAX_BODY: usize = 1024 * 1024;

/// What a provider told, with the body as it came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryDetail {
    #[serde(flatten)]
    delivery: DeliveryView,
    /// The body as it came; `null` for those who see some fields of people masked.
    #[schema(required)]
    body: Option<String>,
}

/// One delivery with its body. Costs 2 reads, and 1 `GetObject` for a long body.
#[utoipa::path(
    get, path = "/integrations/{id}/deliveries/{delivery}", tag = "integrations",
    params(("id" = IntegrationId, Path), ("delivery" = ProviderDeliveryId, Path)),
    responses((status = 200, description = "The delivery.", body = Envelope<DeliveryDetail>)),
)]
pub(crate) async fn integration_delivery_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(ids): PathId<(IntegrationId, ProviderDeliveryId)>,
) -> Result<Data<DeliveryDetail>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let found = delivery(&app, &grant, ids).await?;
    let body = match (&found.body, sees_all(&grant)) {
        (_, false) => None,
        (Some(body), true) => Some(body.clone()),
        (None, true) => {
            let name = format!("{}/{}", found.integration_id, found.id);
            let bytes = app.platform().files()?.get(&grant, AREA, &name, MAX_BODY).await?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
    };
    Ok(Data(DeliveryDetail { delivery: found.into(), body }))
}

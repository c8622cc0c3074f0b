//! `GET /integrations/{id}/deliveries`.

use axum::extract::State;
use domain::provider_delivery::DeliveryStatus;
use domain::{Integration, IntegrationId, List, Permission, ProviderDelivery, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn};

use super::DeliveryView;

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryList {
    deliveries: Vec<DeliveryView>,
    pagination: Pagination,
}

/// What a connection's provider told within 30 days, the newest first. Costs 1 read and 1 Query.
#[utoipa::path(
    get, path = "/integrations/{id}/deliveries", tag = "integrations",
    params(
        PageQuery,
        ("id" = IntegrationId, Path),
        ("status" = Option<String>, Query, description = "`received`, `processed`, `ignored` or `failed`; all where absent."),
    ),
    responses((status = 200, description = "A page of deliveries.", body = Envelope<DeliveryList>)),
)]
pub(crate) async fn integration_delivery_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<IntegrationId>,
    params: Params,
) -> Result<Data<DeliveryList>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    app.table().get::<Integration>(&grant, id).await?;
    let mut wrong = Vec::new();
    let asked = params.get("status").filter(|status| *status != "all");
    let status = asked.and_then(|_| params.parsed::<DeliveryStatus>("status", &mut wrong));
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list = match status {
        Some(status) => List::new(Slot::Two, "status", ProviderDelivery::status_value(id, status)),
        None => List::new(Slot::One, "integration", id),
    };
    let (found, pagination) =
        page_of(&app, &grant, &params, &list, Shown::Filtered, |_: &ProviderDelivery| true).await?;
    Ok(Data(DeliveryList { deliveries: found.into_iter().map(DeliveryView::from).collect(), pagination }))
}

//! `GET /webhook-endpoints/{id}/deliveries`.

use axum::extract::State;
use domain::webhook::{DeliveryStatus, EventPattern};
use domain::{List, Permission, Slot, WebhookDelivery, WebhookEndpoint, WebhookEndpointId};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn};

use super::DeliveryView;
use crate::allowed;

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDeliveryList {
    deliveries: Vec<DeliveryView>,
    pagination: Pagination,
}

/// What an endpoint was sent within the last 30 days, newest first. Costs 1 read and 1 Query.
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}/deliveries", tag = "webhook endpoints",
    params(
        ("id" = WebhookEndpointId, Path),
        PageQuery,
        ("status" = Option<String>, Query, description = "`pending`, `succeeded` or `failed`; `all` means any."),
        ("type" = Option<String>, Query, description = "A type of events: `lead.created`, `lead.*` or `*`."),
    ),
    responses((status = 200, description = "A page of deliveries.", body = Envelope<WebhookDeliveryList>)),
)]
pub(crate) async fn webhook_delivery_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
    params: Params,
) -> Result<Data<WebhookDeliveryList>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsRead)?;
    let mut wrong = Vec::new();
    let status: Option<DeliveryStatus> = match params.get("status") {
        Some("all") => None,
        _ => params.parsed("status", &mut wrong),
    };
    let pattern: Option<EventPattern> = params.parsed("type", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    let list = match status {
        Some(status) => List::new(Slot::Two, "status", format!("{}#{status}", endpoint.id)),
        None => List::new(Slot::One, "endpoint", endpoint.id),
    };
    // Nobody counts deliveries, as they go by themselves.
    let asked = Asked { shown: Shown::Filtered, words: format!("{pattern:?}"), ..Asked::of(&list) };
    let keep = |delivery: &WebhookDelivery| {
        status.is_none_or(|status| delivery.status == status)
            && pattern.as_ref().is_none_or(|pattern| pattern.fits(&delivery.kind))
    };
    let (deliveries, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    Ok(Data(WebhookDeliveryList { deliveries: deliveries.into_iter().map(DeliveryView::from).collect(), pagination }))
}

//! `GET /sla-policies`.

use axum::extract::State;
use domain::{Permission, SlaPolicy};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::SlaPolicyView;

/// A page of service levels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaPolicyList {
    /// The service levels.
    policies: Vec<SlaPolicyView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists service levels, newest first. Costs 1 Query.
#[utoipa::path(
    get, path = "/sla-policies", tag = "sla",
    params(PageQuery),
    responses((status = 200, body = Envelope<SlaPolicyList>)),
)]
pub(crate) async fn sla_policy_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SlaPolicyList>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaRead)?;
    let (policies, pagination) = page::<SlaPolicy>(&app, &grant, &params, |_| true).await?;
    Ok(Data(SlaPolicyList { policies: policies.into_iter().map(SlaPolicyView::from).collect(), pagination }))
}

//! `GET /plans`.

use domain::{Permission, Plan};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Data, Envelope, Problem, SignedIn};

use super::PlanView;

/// Every plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanList {
    /// The smallest first.
    plans: Vec<PlanView>,
}

/// The plans that there are.
#[utoipa::path(
    get, path = "/plans", tag = "organization",
    responses((status = 200, description = "The plans.", body = Envelope<PlanList>)),
)]
pub(crate) async fn plan_list(signed_in: SignedIn) -> Result<Data<PlanList>, Problem> {
    signed_in.caller.allow(Permission::SubscriptionRead)?;
    Ok(Data(PlanList { plans: Plan::ALL.into_iter().map(PlanView::from).collect() }))
}

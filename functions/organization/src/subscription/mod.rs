//! The plan: what an organization has, and how much of it is used.

pub(crate) mod plans;
pub(crate) mod update;
pub(crate) mod view;

use domain::{Allowance, OrganizationId, Plan};
use serde::Serialize;
use utoipa::ToSchema;
use web::seats::seats;
use web::{App, Problem};

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanView {
    id: Plan,
    /// Its modules: what stands before the colon of a permission.
    #[schema(value_type = Vec<String>)]
    modules: Vec<&'static str>,
    allowance: Allowance,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        Self { id: plan, modules: plan.modules(), allowance: plan.allowance() }
    }
}

/// The plan of an organization, with what of it is used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionView {
    plan: PlanView,
    usage: Usage,
}

/// How much of a plan is used.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// Active members, exactly.
    seats: u32,
    /// Live leads, as of moments ago.
    leads: u32,
    /// Messages sent this calendar month (UTC), as of moments ago.
    messages_this_month: u32,
}

impl Usage {
    /// What an organization uses now: 1 read, 2 Queries.
    async fn of(app: &App, organization: OrganizationId) -> Result<Self, Problem> {
        let leads = Box::pin(async { Ok(app.table().live_leads(organization).await?) });
        let messages = Box::pin(async { Ok(app.table().messages_this_month(organization, app.now()).await?) });
        let (seats, leads, messages_this_month) = futures::try_join!(seats(app, organization), leads, messages)?;
        Ok(Self { seats: seats.active, leads, messages_this_month })
    }
}

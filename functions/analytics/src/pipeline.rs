//! `GET /analytics/leads/pipeline`.

use axum::extract::State;
use domain::Permission;
use domain::funnel::{self, StageShare};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, SignedIn};

use crate::figures;
use crate::question::{Asked, RowsQuery};

/// Where leads stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadStanding {
    /// All leads.
    total: u64,
    /// Every stage in its order; then removed stages that leads were left in.
    stages: Vec<StageShare>,
}

/// Where leads stand now.
///
/// 1 Query (for each branch or person, where the caller reaches these), of 0.5 read units: one figure a stage.
/// The pipeline is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/leads/pipeline", tag = "analytics", params(RowsQuery),
    responses((status = 200, description = "The stages.", body = Envelope<LeadStanding>)),
)]
pub(crate) async fn analytics_lead_pipeline(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadStanding>, Problem> {
    let grant = Asked::read(&app, &signed_in, Permission::AnalyticsRead, &params).await?.grant;
    let (pipeline, current) = tokio::join!(app.pipeline(&grant), figures::now(&app, &grant, "leads_by_stage"));
    let current = current?;
    Ok(Data(LeadStanding { total: current.total(), stages: funnel::standing(&pipeline?.pipeline, &current) }))
}

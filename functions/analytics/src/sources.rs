//! `GET /analytics/leads/sources`.

use axum::extract::State;
use domain::Permission;
use domain::date_range::DateRange;
use domain::funnel::{self, SourceShare};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{BranchQuery, Question};

/// Where leads came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadSources {
    /// The days in which they came, in UTC.
    range: DateRange,
    /// All leads that came.
    total: u64,
    /// By source as it was when they came, the largest first.
    sources: Vec<SourceShare>,
}

/// Where leads came from.
///
/// 1 Query (for each branch, where the caller reaches branches), of 0.5 read units each 50 figures: one
/// a day and source.
#[utoipa::path(
    get, path = "/analytics/leads/sources", tag = "analytics", params(RangeQuery, BranchQuery),
    responses((status = 200, description = "The sources.", body = Envelope<LeadSources>)),
)]
pub(crate) async fn analytics_lead_sources(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadSources>, Problem> {
    let Question { grant, range } = Question::read(&app, &signed_in, Permission::AnalyticsRead, &params).await?;
    let leads = figures::in_range(&app, &grant, "leads_by_source", range).await?;
    Ok(Data(LeadSources { range, total: leads.total(), sources: funnel::sources(&leads) }))
}

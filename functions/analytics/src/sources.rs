//! `GET /analytics/leads/sources`.

use axum::extract::State;
use domain::Permission;
use domain::date_range::DateRange;
use domain::funnel::{self, SourceShare};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{Question, RowsQuery};

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
/// 1 Query (for each branch or person, where the caller reaches these), of 0.5 read units each 50 figures: one
/// a day and source.
#[utoipa::path(
    get, path = "/analytics/leads/sources", tag = "analytics", params(RangeQuery, RowsQuery),
    responses((status = 200, description = "The sources.", body = Envelope<LeadSources>)),
)]
pub(crate) async fn analytics_lead_sources(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadSources>, Problem> {
    let Question { asked, range } =
        Question::read(&app, &signed_in, Permission::AnalyticsRead, &params, Vec::new()).await?;
    let leads = figures::by_source(&app, &asked.grant, range).await?;
    Ok(Data(LeadSources { range, total: leads.total(), sources: funnel::sources(&leads) }))
}

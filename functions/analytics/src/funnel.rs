//! `GET /analytics/leads/funnel`.

use axum::extract::State;
use domain::Permission;
use domain::date_range::DateRange;
use domain::funnel::Funnel;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{BranchQuery, Question};

/// The funnel of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadFunnel {
    /// The days of the entries, in UTC; where leads stand is as of now.
    range: DateRange,
    #[serde(flatten)]
    funnel: Funnel,
}

/// How leads went through the stages.
///
/// 2 Queries at once (for each branch, where the caller reaches branches), of 0.5 read units each 50
/// figures: one a day and stage, one a stage. The pipeline is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/leads/funnel", tag = "analytics", params(RangeQuery, BranchQuery),
    responses((status = 200, description = "The funnel.", body = Envelope<LeadFunnel>)),
)]
pub(crate) async fn analytics_lead_funnel(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadFunnel>, Problem> {
    let Question { grant, range } = Question::read(&app, &signed_in, Permission::AnalyticsRead, &params).await?;
    let (pipeline, entered, current) = tokio::join!(
        app.pipeline(&grant),
        figures::in_range(&app, &grant, "stage_entered", range),
        figures::now(&app, &grant, "leads_by_stage"),
    );
    Ok(Data(LeadFunnel { range, funnel: Funnel::new(&pipeline?.pipeline, &entered?, &current?) }))
}

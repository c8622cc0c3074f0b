//! `GET /analytics/leads/funnel`.

use axum::extract::State;
use domain::date_range::DateRange;
use domain::funnel::{Comparison, Funnel};
use domain::pipeline::Pipeline;
use domain::{Grant, Permission, Rows, UserId};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{Question, RowsQuery};

/// The funnel of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadFunnel {
    /// The days of the entries, in UTC; where leads stand is as of now.
    range: DateRange,
    /// Whose it is, where it is one person's.
    #[schema(required)]
    agent_id: Option<UserId>,
    #[serde(flatten)]
    funnel: Funnel,
    /// Beside that of all people in reach; `null` where nobody is asked for, or nobody else is in reach.
    #[schema(required)]
    comparison: Option<Comparison>,
}

/// How leads went through the stages, and where the fewest go on; with `agent_id` one person's leads, beside those of all
/// people in reach.
///
/// Of a person a lead enters the stage in which it comes to them, each time it does, and those that it enters first while
/// it is theirs. Somebody who reaches only their own leads sees these.
///
/// 2 Queries at once (for each branch or person, where the caller reaches these), of 0.5 read units each 50 figures: one
/// a day and stage (of people a source, too), one a stage. As many again for a comparison. The pipeline is read every 30
/// seconds.
#[utoipa::path(
    get, path = "/analytics/leads/funnel", tag = "analytics", params(RangeQuery, RowsQuery),
    responses((status = 200, description = "The funnel.", body = Envelope<LeadFunnel>)),
)]
pub(crate) async fn analytics_lead_funnel(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadFunnel>, Problem> {
    let Question { asked, range } =
        Question::read(&app, &signed_in, Permission::AnalyticsRead, &params, Vec::new()).await?;
    let pipeline = app.pipeline(&asked.grant).await?.pipeline;
    let agent_id = asked.agent_id();
    let team = asked.agent.map(|(_, team)| team).filter(|team| !matches!(team.rows(), Rows::Own { .. }));
    let (funnel, team) = tokio::try_join!(funnel(&app, &asked.grant, &pipeline, range), async {
        match &team {
            Some(team) => of_people(&app, team, &pipeline, range).await.map(Some),
            None => Ok(None),
        }
    })?;
    let comparison = team.map(|team| funnel.against(team));
    Ok(Data(LeadFunnel { range, agent_id, funnel, comparison }))
}

/// The funnel of the grant's rows.
async fn funnel(app: &App, grant: &Grant, pipeline: &Pipeline, range: DateRange) -> Result<Funnel, StoreError> {
    if grant.rows().owners().is_some() {
        return of_people(app, grant, pipeline, range).await;
    }
    let (entered, current) = tokio::try_join!(
        figures::in_range(app, grant, "stage_entered", range),
        figures::now(app, grant, "leads_by_stage"),
    )?;
    Ok(Funnel::new(pipeline, &entered, &current))
}

/// The same of the leads that are or were somebody's.
async fn of_people(app: &App, grant: &Grant, pipeline: &Pipeline, range: DateRange) -> Result<Funnel, StoreError> {
    let (entered, current) =
        tokio::try_join!(figures::entered_by_people(app, grant, range), figures::now(app, grant, "leads_by_stage"),)?;
    Ok(Funnel::new(pipeline, &entered, &current))
}

//! `GET /analytics/overview`.

use axum::extract::State;
use domain::date_range::DateRange;
use domain::pipeline::StageKind;
use domain::{Permission, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{Question, RowsQuery};
use crate::summary::{Changes, Day, Summary, daily};

/// What was done in a range, and how things stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsOverview)]
pub(crate) struct Overview {
    /// The days, in UTC.
    range: DateRange,
    /// The days that trends compare with.
    previous: DateRange,
    /// Whose figures these are, where they are one person's.
    #[schema(required)]
    agent_id: Option<UserId>,
    #[serde(flatten)]
    summary: Summary,
    /// As of now, whatever the range.
    now: Standing,
    trends: Changes,
    /// Every day of the range.
    daily: Vec<Day>,
}

/// How things stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// Leads in all stages.
    leads: u64,
    /// Those of them in open stages, and in stages that an edit of the pipeline removed.
    open_leads: u64,
    /// People who hold open leads.
    active_users: u64,
}

/// The figures of the floor at a glance: leads, calls and reminders in a range of days, against the range before, and
/// by the day. Somebody who reaches only their own rows sees their own figures.
///
/// 8 Queries at once for the organization, or for each branch where the caller reaches branches; 4 for each person where
/// they reach people, and 1 `BatchGetItem`. 0.5 read units each 50 figures; the range is read twice as long, for the
/// trends. The pipeline is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/overview", tag = "analytics", params(RangeQuery, RowsQuery),
    responses((status = 200, description = "The figures.", body = Envelope<Overview>)),
)]
pub(crate) async fn analytics_overview(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<Overview>, Problem> {
    let Question { asked, range } =
        Question::read(&app, &signed_in, Permission::DashboardRead, &params, Vec::new()).await?;
    let grant = &asked.grant;
    let pipeline = app.pipeline(grant).await?.pipeline;
    let (days, standing, active_users) = tokio::try_join!(
        figures::days(&app, grant, &pipeline, range),
        figures::now(&app, grant, "leads_by_stage"),
        figures::holders(&app, grant),
    )?;
    let closed = pipeline.stages().iter().filter(|stage| stage.kind != StageKind::Open);
    let closed: u64 = closed.map(|stage| standing.of(stage.key.as_str())).sum();
    let leads = standing.total();
    Ok(Data(Overview {
        range,
        previous: range.previous(),
        agent_id: asked.agent_id(),
        summary: figures::within(&days, range).into(),
        now: Standing { leads, open_leads: leads.saturating_sub(closed), active_users },
        trends: Changes::of(&days, range),
        daily: daily(&days, range),
    }))
}

//! `GET /analytics/agents/{agentId}/performance`.

use axum::extract::State;
use domain::agent::{Did, Performance, StatusSeconds};
use domain::date_range::DateRange;
use domain::{AgentStatus, Permission, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::agents::{Record, agent, daily_target, state_of};
use web::{App, Data, Envelope, Params, PathId, Problem, RangeQuery, SignedIn, range};

use crate::figures::{with_previous, within};
use crate::summary::{Changes, Day, Summary, daily};

/// How an agent did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentPerformance {
    agent_id: UserId,
    name: String,
    /// The days, in UTC.
    range: DateRange,
    /// The days that the trend compares with.
    previous: DateRange,
    #[serde(flatten)]
    summary: Summary,
    /// What they have and do now.
    now: AgentNow,
    /// Seconds in each status in the range.
    status_seconds: StatusSeconds,
    /// Every day of the range.
    daily: Vec<Day>,
    /// Against the range before.
    trend: Trend,
    /// As `GET /agents/{id}/stats` has it.
    performance: Performance,
}

/// What an agent has and does now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentNow {
    status: AgentStatus,
    /// All leads that are theirs.
    leads: u64,
    /// Those of them that are open.
    open_leads: u64,
}

/// How an agent's work changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trend {
    #[serde(flatten)]
    changes: Changes,
    /// The score of the range before, of the leads that are open now: how many were open then is not kept.
    #[schema(maximum = 100)]
    score_before: u8,
    /// By how many points the score is above it.
    score_change: i16,
}

/// How an agent in reach did in a range of days: against the range before, by the day, and as a score made of connect
/// rate (30), conversion of the leads worked on (30), reminders completed on time (20) and calls against the target (20).
///
/// 2 reads, then 4 Queries and 2 `GetItem` at once, of this agent's figures alone; 0.5 read units each 50 figures. The
/// range is read twice as long, for the trend.
#[utoipa::path(
    get, path = "/analytics/agents/{agentId}/performance", tag = "analytics",
    params(
        ("agentId" = UserId, Path, description = "A user's id."), RangeQuery,
        ("daily_target" = Option<u32>, Query, description = "Calls a day to aim at, 1 to 1,000; 40 where nothing is said."),
    ),
    responses((status = 200, description = "How they did.", body = Envelope<AgentPerformance>)),
)]
pub(crate) async fn analytics_agent_performance(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    params: Params,
) -> Result<Data<AgentPerformance>, Problem> {
    let grant = signed_in.caller.allow(Permission::AgentsRead)?;
    let mut wrong = Vec::new();
    let target = daily_target(&params, &mut wrong);
    let range = match range(&app, &params) {
        Ok(range) if wrong.is_empty() => range,
        Ok(_) => return Err(wrong.into()),
        Err(errors) => return Err(Problem::invalid(wrong.into_iter().chain(errors))),
    };
    let member = agent(&app, &grant, id).await?;
    let state = state_of(&app, &grant, &member).await?;
    let record = Record::read(&app, &grant, &member, with_previous(range)).await?;
    let days = record.days();
    let (did, before) = (within(&days, range), within(&days, range.previous()));
    let target = u64::from(target) * u64::from(range.days().unsigned_abs());
    let scored = |did: Did| did.work(record.open, target).performance();
    let (performance, score_before) = (scored(did), scored(before).score);
    Ok(Data(AgentPerformance {
        agent_id: member.user,
        range,
        previous: range.previous(),
        summary: did.into(),
        now: AgentNow { status: state.status, leads: record.assigned, open_leads: record.open },
        status_seconds: record.status_seconds(&state, range, app.now()),
        daily: daily(&days, range),
        trend: Trend {
            changes: Changes::of(&days, range),
            score_before,
            score_change: i16::from(performance.score) - i16::from(score_before),
        },
        performance,
        name: member.name,
    }))
}

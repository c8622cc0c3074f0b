//! `GET /agents/{id}/stats`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::agent::{Did, Performance, StatusSeconds};
use domain::call::CallsCounted;
use domain::date_range::DateRange;
use domain::{AgentStatus, CallOutcome, Permission, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::agents::{Record, agent, daily_target, state_of};
use web::{App, Data, Envelope, Params, PathId, Problem, RangeQuery, SignedIn, range};

/// How an agent did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentStats {
    agent_id: UserId,
    /// The days, in UTC.
    range: DateRange,
    leads: LeadStats,
    calls: CallStats,
    reminders: ReminderStats,
    status: AgentStatus,
    /// Seconds in each status in the range.
    status_seconds: StatusSeconds,
    performance: Performance,
}

/// An agent's leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadStats {
    /// All that are theirs now.
    assigned: u64,
    /// Those of them that are open.
    open: u64,
    /// Those that were theirs when they were first converted, in the range.
    converted: u64,
}

/// An agent's calls in the range.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CallStats {
    total: u64,
    /// Those that were completed.
    connected: u64,
    duration_seconds: u64,
    /// What `call_volume` aims at.
    target: u64,
    /// How many ended in each status.
    by_status: Vec<CallCount>,
    /// How many came to what.
    by_outcome: Vec<CallCount>,
}

/// Calls of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallCount {
    name: &'static str,
    count: u64,
}

/// An agent's reminders that were completed in the range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReminderStats {
    on_time: u64,
    late: u64,
}

/// How many calls have which name, in the order of the names.
fn by(calls: &[CallsCounted], name: impl Fn(&CallsCounted) -> &'static str) -> Vec<CallCount> {
    let mut sums = BTreeMap::new();
    for row in calls.iter().filter(|row| row.number > 0) {
        *sums.entry(name(row)).or_insert(0) += row.number;
    }
    sums.into_iter().map(|(name, count)| CallCount { name, count }).collect()
}

/// How an agent in reach did in a range of days. Calls and reminders are those that were counted; the score is made of
/// connect rate (30), conversion of the leads worked on (30), reminders completed on time (20) and calls against the
/// target (20), and a part of nothing is 0.
///
/// 2 reads, then 4 Queries and 2 `GetItem` at once, of this agent's figures alone.
#[utoipa::path(
    get, path = "/agents/{id}/stats", tag = "agents",
    params(
        ("id" = UserId, Path), RangeQuery,
        ("daily_target" = Option<u32>, Query, description = "Calls a day to aim at, 1 to 1,000; 40 where nothing is said."),
    ),
    responses((status = 200, description = "How they did.", body = Envelope<AgentStats>)),
)]
pub(crate) async fn agent_stats(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    params: Params,
) -> Result<Data<AgentStats>, Problem> {
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
    let record = Record::read(&app, &grant, &member, range).await?;
    let did: Did = record.days().into_values().sum();
    let target = u64::from(target) * u64::from(range.days().unsigned_abs());
    Ok(Data(AgentStats {
        agent_id: member.user,
        range,
        leads: LeadStats { assigned: record.assigned, open: record.open, converted: did.converted },
        calls: CallStats {
            total: did.calls,
            connected: did.connected,
            duration_seconds: did.talk_seconds,
            target,
            by_status: by(&record.calls, |row| row.status.as_str()),
            by_outcome: by(&record.calls, |row| row.outcome.map_or("none", CallOutcome::as_str)),
        },
        reminders: ReminderStats { on_time: did.on_time, late: did.late },
        status: state.status,
        status_seconds: record.status_seconds(&state, range, app.now()),
        performance: did.work(record.open, target).performance(),
    }))
}

//! `GET /agents/{id}/stats`.

use axum::extract::State;
use domain::agent::{DEFAULT_DAILY_TARGET, Performance, SECONDS, Share, StatusSeconds, Work};
use domain::date_range::DateRange;
use domain::{AgentStatus, Caller, FieldInvalid, Grant, Invalid, Lead, Membership, Permission, UserId};
use serde::Serialize;
use store::{CountRow, StoreError};
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, PathId, Problem, RangeQuery, SignedIn, range};

use super::{agent, state_of};

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
    name: String,
    count: u64,
}

/// An agent's reminders that were completed in the range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReminderStats {
    on_time: u64,
    late: u64,
}

/// Figures of one agent, by what else their dimension says.
struct Own(Vec<(String, u64)>);

impl Own {
    /// Those of rows whose dimension is the agent, or begins with it.
    fn of(agent: UserId, rows: Vec<CountRow>) -> Self {
        let name = agent.to_string();
        let own = |row: CountRow| {
            let rest = row.dimension.strip_prefix(&name)?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('|')? };
            Some((rest.to_owned(), u64::try_from(row.n).unwrap_or(0)))
        };
        Self(rows.into_iter().filter_map(own).collect())
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// Those whose part of the rest is this.
    fn with(&self, place: usize, word: &str) -> u64 {
        self.0.iter().filter(|(rest, _)| rest.split('|').nth(place) == Some(word)).map(|(_, n)| n).sum()
    }

    /// By a part of the rest, in the order of their names.
    fn by(&self, place: usize) -> Vec<CallCount> {
        let mut sums = std::collections::BTreeMap::new();
        for (rest, n) in &self.0 {
            *sums.entry(rest.split('|').nth(place).unwrap_or_default().to_owned()).or_insert(0) += n;
        }
        sums.into_iter().map(|(name, count)| CallCount { name, count }).collect()
    }
}

/// What is read of the figures.
struct Figures {
    assigned: u64,
    open: Own,
    converted: Own,
    calls: Own,
    talked: Own,
    reminders: Own,
    seconds: Own,
}

/// 6 Queries and 1 `GetItem` at once. A Query's size grows with people and days, not with what they did.
async fn figures(app: &App, grant: &Grant, agent: UserId, range: DateRange) -> Result<Figures, StoreError> {
    let days = async |metric| {
        let rows = app.table().counts_by_day(grant, metric, range.from, range.to).await?;
        Ok::<_, StoreError>(Own::of(agent, rows))
    };
    let values = [agent.to_string()];
    let (assigned, open, converted, calls, talked, reminders, seconds) = tokio::try_join!(
        app.table().list_size::<Lead>(grant, "owner", &values),
        app.table().counts_now(grant, "open_leads_by_owner"),
        days("leads_converted_by_owner"),
        days("calls"),
        days("call_seconds"),
        days("reminders"),
        days(SECONDS),
    )?;
    Ok(Figures { assigned, open: Own::of(agent, open), converted, calls, talked, reminders, seconds })
}

fn daily_target(params: &Params, wrong: &mut Vec<FieldInvalid>) -> u32 {
    let target = params.number("daily_target", wrong).unwrap_or(DEFAULT_DAILY_TARGET);
    if !(1..=1_000).contains(&target) {
        wrong.push(FieldInvalid::new("daily_target", Invalid::new("out_of_range", "must be 1 to 1,000")));
    }
    target
}

impl AgentStats {
    fn of(
        member: &Membership,
        state: &domain::AgentState,
        figures: &Figures,
        range: DateRange,
        daily_target: u32,
        now: jiff::Timestamp,
    ) -> Self {
        let Figures { assigned, open, converted, calls, talked, reminders, seconds } = figures;
        let leads = LeadStats { assigned: *assigned, open: open.total(), converted: converted.total() };
        let target = u64::from(daily_target) * u64::from(range.days().unsigned_abs());
        let calls = CallStats {
            total: calls.total(),
            connected: calls.with(0, "completed"),
            duration_seconds: talked.total(),
            target,
            by_status: calls.by(0),
            by_outcome: calls.by(1),
        };
        let reminders = ReminderStats { on_time: reminders.with(0, "on_time"), late: reminders.with(0, "late") };
        let mut status_seconds = StatusSeconds::default();
        for status in AgentStatus::ALL {
            status_seconds.add(status, seconds.with(0, status.as_str()));
        }
        status_seconds.add(state.status, state.running_in(range, now));
        let work = Work {
            connected: Share::of(calls.connected, calls.total),
            converted: Share::of(leads.converted, leads.open + leads.converted),
            on_time: Share::of(reminders.on_time, reminders.on_time + reminders.late),
            volume: Share::of(calls.total, target),
        };
        let performance = work.performance();
        Self {
            agent_id: member.user,
            range,
            leads,
            calls,
            reminders,
            status: state.status,
            status_seconds,
            performance,
        }
    }
}

/// How an agent in reach did in a range of days. Calls and reminders are those that were counted; the score is made of
/// connect rate (30), conversion of the leads worked on (30), reminders completed on time (20) and calls against the
/// target (20), and a part of nothing is 0.
///
/// 2 reads, then 6 Queries and 1 read at once.
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
    // Figures are kept by branch, and these are one person's, who is in reach.
    let whole = Caller::system(grant.organization(), "users").allow(Permission::AgentsRead)?;
    let figures = figures(&app, &whole, id, range).await?;
    Ok(Data(AgentStats::of(&member, &state, &figures, range, target, app.now())))
}

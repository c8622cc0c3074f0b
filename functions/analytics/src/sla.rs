//! `GET /analytics/sla`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::date_range::DateRange;
use domain::funnel::Percent;
use domain::sla::{SlaCounted, TargetKind};
use domain::{Label, Permission, SlaPolicyId, UserId};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures::with_previous;
use crate::question::{Question, RowsQuery};

/// How service levels were kept in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaReport {
    /// The days on which what was promised happened, or its time was over, in UTC.
    range: DateRange,
    /// The days that trends compare with.
    previous: DateRange,
    /// Whose leads they are of, where they are one person's.
    #[schema(required)]
    agent_id: Option<UserId>,
    #[serde(flatten)]
    all: SlaKept,
    /// Each target of each policy that has any, those with the most breaches first.
    by_policy: Vec<SlaPolicyKept>,
    /// Every day of the range.
    daily: Vec<SlaDay>,
    trends: SlaTrends,
}

/// How many were in time.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct SlaKept {
    /// Those of which it is known: in time, or not.
    total: u64,
    /// Those in time.
    met: u64,
    /// Those whose time was over.
    breached: u64,
    /// Of these, those that came late all the same.
    late: u64,
    /// Those in time, of all.
    compliance_rate: Percent,
}

/// How one target of a policy was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaPolicyKept {
    policy_id: SlaPolicyId,
    /// `null` where the policy is deleted.
    #[schema(required)]
    policy_name: Option<Label>,
    target: TargetKind,
    #[serde(flatten)]
    kept: SlaKept,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaDay {
    /// In UTC.
    #[schema(value_type = String, format = Date)]
    date: Date,
    #[serde(flatten)]
    kept: SlaKept,
}

/// Per cent against the range before of equal length; 0 where there was nothing before.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names that the dashboards have for changes")]
pub(crate) struct SlaTrends {
    total_change: Percent,
    breached_change: Percent,
    /// Of the rate itself: from 80 % to 88 % is 10.
    compliance_rate_change: Percent,
}

impl<'a> FromIterator<&'a SlaCounted> for SlaKept {
    fn from_iter<I: IntoIterator<Item = &'a SlaCounted>>(rows: I) -> Self {
        let (mut met, mut breached, mut late) = (0, 0, 0);
        for row in rows {
            met += row.met;
            breached += row.breached;
            late += row.late;
        }
        let total = met + breached;
        Self { total, met, breached, late, compliance_rate: Percent::share(met, total) }
    }
}

/// How service levels were kept in a range: by policy and target, by the day, against the range before. Somebody who
/// reaches only their own sees those of their own leads.
///
/// 1 Query (for each branch or person, where the caller reaches these), of 0.5 read units each 8 figures; a figure is a day,
/// a policy and a target. The policies are read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/sla", tag = "analytics",
    params(
        RangeQuery, RowsQuery,
        ("policy_id" = Option<String>, Query, description = "Only this policy's; absent or `all` for all."),
    ),
    responses((status = 200, description = "The service levels.", body = Envelope<SlaReport>)),
)]
pub(crate) async fn analytics_sla(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SlaReport>, Problem> {
    let mut wrong = Vec::new();
    let named = params.get("policy_id").is_some_and(|value| !value.eq_ignore_ascii_case("all"));
    let policy: Option<SlaPolicyId> = if named { params.parsed("policy_id", &mut wrong) } else { None };
    let Question { asked, range } = Question::read(&app, &signed_in, Permission::AnalyticsRead, &params, wrong).await?;
    let mut rows: Vec<SlaCounted> = app.table().counted(&asked.grant, with_previous(range)).await?;
    rows.retain(|row| policy.is_none_or(|policy| row.policy == policy));
    let names: BTreeMap<SlaPolicyId, Label> = app
        .platform()
        .sla_policies(&asked.grant)
        .await?
        .iter()
        .map(|policy| (policy.id, policy.name.clone()))
        .collect();
    let (now, earlier): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| range.contains(row.day));
    let (all, before): (SlaKept, SlaKept) = (now.iter().collect(), earlier.iter().collect());
    Ok(Data(SlaReport {
        range,
        previous: range.previous(),
        agent_id: asked.agent_id(),
        all,
        by_policy: by_policy(&now, &names),
        daily: range.iter().map(|date| day(&now, date)).collect(),
        trends: SlaTrends {
            total_change: Percent::change(all.total, before.total),
            breached_change: Percent::change(all.breached, before.breached),
            compliance_rate_change: Percent::change_of_share((all.met, all.total), (before.met, before.total)),
        },
    }))
}

fn day(rows: &[SlaCounted], date: Date) -> SlaDay {
    SlaDay { date, kept: rows.iter().filter(|row| row.day == date).collect() }
}

fn by_policy(rows: &[SlaCounted], names: &BTreeMap<SlaPolicyId, Label>) -> Vec<SlaPolicyKept> {
    let mut of: BTreeMap<(SlaPolicyId, TargetKind), Vec<&SlaCounted>> = BTreeMap::new();
    for row in rows {
        of.entry((row.policy, row.target)).or_default().push(row);
    }
    let mut kept: Vec<SlaPolicyKept> = of
        .into_iter()
        .map(|((policy_id, target), rows)| SlaPolicyKept {
            policy_id,
            policy_name: names.get(&policy_id).cloned(),
            target,
            kept: rows.into_iter().collect(),
        })
        .filter(|policy| policy.kept.total > 0)
        .collect();
    kept.sort_by_key(|policy| std::cmp::Reverse(policy.kept.breached));
    kept
}

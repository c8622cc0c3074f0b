//! `GET /analytics/calls`.

use axum::extract::State;
use domain::agent::Did;
use domain::call::{CallsCounted, HALF_HOURS, Length};
use domain::date_range::DateRange;
use domain::funnel::Percent;
use domain::{CallOutcome, CallStatus, FieldInvalid, Invalid, Permission, UserId};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures::{Days, with_previous};
use crate::question::{Question, RowsQuery};
use crate::summary::average;

/// Calls in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallReport {
    /// The days on which they were over, in UTC.
    range: DateRange,
    /// The days that trends compare with.
    previous: DateRange,
    /// Whose they are, where they are one person's.
    #[schema(required)]
    agent_id: Option<UserId>,
    total: u64,
    /// Those that were answered.
    connected: u64,
    /// The answered, of all.
    connect_rate: Percent,
    /// Those whose outcome is `converted`.
    converted: u64,
    /// The converted, of the answered.
    conversion_rate: Percent,
    talk_seconds: u64,
    /// The seconds of an answered call.
    average_seconds: u64,
    /// Every status that a call may end in.
    by_status: Vec<CallShare>,
    /// Every outcome, then `none`.
    by_outcome: Vec<CallShare>,
    /// Every length, the shortest first.
    by_duration: Vec<CallLength>,
    /// The 24 hours of the day in the organization's zone.
    by_hour: Vec<CallHour>,
    /// The organization's zone, in which hours are told; days are in UTC.
    time_zone: String,
    /// Every day of the range.
    daily: Vec<CallDay>,
    trends: CallTrends,
}

/// Calls of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallShare {
    name: &'static str,
    count: u64,
    /// Of all.
    percentage: Percent,
}

/// Calls of one length.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallLength {
    name: Length,
    /// Its first second.
    from_seconds: u32,
    /// The first second that is no more of it; `null` for the longest.
    #[schema(required)]
    to_seconds: Option<u32>,
    count: u64,
    /// Of all.
    percentage: Percent,
}

/// Calls that were over in one hour of the day.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct CallHour {
    /// 0 to 23.
    hour: usize,
    total: u64,
    /// Those that were answered.
    connected: u64,
    /// The answered, of all.
    connect_rate: Percent,
}

/// Calls of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallDay {
    /// In UTC.
    #[schema(value_type = String, format = Date)]
    date: Date,
    total: u64,
    connected: u64,
    connect_rate: Percent,
    converted: u64,
    talk_seconds: u64,
}

/// Per cent against the range before of equal length; 0 where there was nothing before.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names that the dashboards have for changes")]
pub(crate) struct CallTrends {
    total_change: Percent,
    connected_change: Percent,
    /// Of the rate itself: from 20 % to 25 % is 25.
    connect_rate_change: Percent,
    converted_change: Percent,
    talk_seconds_change: Percent,
}

/// Which calls are wanted.
struct Wanted {
    statuses: Vec<CallStatus>,
    outcomes: Vec<Option<CallOutcome>>,
}

impl Wanted {
    fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let outcome = |word: &str| if word == "none" { Ok(None) } else { word.parse().map(Some) };
        Self {
            statuses: words(params, "status", str::parse, wrong),
            outcomes: words(params, "outcome", outcome, wrong),
        }
    }

    fn has(&self, row: &CallsCounted) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&row.status))
            && (self.outcomes.is_empty() || self.outcomes.contains(&row.outcome))
    }
}

/// The words of a parameter, with commas between; none for `all`.
fn words<T>(
    params: &Params,
    name: &str,
    read: impl Fn(&str) -> Result<T, Invalid>,
    wrong: &mut Vec<FieldInvalid>,
) -> Vec<T> {
    let given = params.get(name).filter(|value| !value.eq_ignore_ascii_case("all")).unwrap_or_default();
    let mut values = Vec::new();
    for word in given.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match read(word) {
            Ok(value) => values.push(value),
            Err(invalid) => wrong.push(FieldInvalid::new(name, invalid)),
        }
    }
    values
}

/// Calls that were over in a range of days: by what came of them, by how they ended, how long they were, at which hour
/// they were over and by the day, against the range before. Somebody who reaches only their own sees their own.
///
/// 1 Query (for each branch or person, where the caller reaches these), of 0.5 read units each 8 figures; a figure is
/// a day, a status and an outcome, of which a floor has about 12 a day. The organization is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/calls", tag = "analytics",
    params(
        RangeQuery, RowsQuery,
        ("status" = Option<String>, Query, description = "Only calls that ended so; several with commas between."),
        ("outcome" = Option<String>, Query, description = "Only calls that came to this; `none` for those without."),
    ),
    responses((status = 200, description = "The calls.", body = Envelope<CallReport>)),
)]
pub(crate) async fn analytics_calls(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<CallReport>, Problem> {
    let mut wrong = Vec::new();
    let wanted = Wanted::read(&params, &mut wrong);
    let Question { asked, range } = Question::read(&app, &signed_in, Permission::AnalyticsRead, &params, wrong).await?;
    let organization = app.organization(&asked.grant).await?;
    let mut rows: Vec<CallsCounted> = app.table().counted(&asked.grant, with_previous(range)).await?;
    rows.retain(|row| wanted.has(row));
    let (now, earlier): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| range.contains(row.day));
    let (did, before): (Did, Did) = (now.iter().map(Did::from).sum(), earlier.iter().map(Did::from).sum());
    let zone = organization.time_zone();
    Ok(Data(CallReport {
        range,
        previous: range.previous(),
        agent_id: asked.agent_id(),
        total: did.calls,
        connected: did.connected,
        connect_rate: Percent::share(did.connected, did.calls),
        converted: did.calls_converted,
        conversion_rate: Percent::share(did.calls_converted, did.connected),
        talk_seconds: did.talk_seconds,
        average_seconds: average(did.talk_seconds, did.connected),
        by_status: by_status(&now, did.calls),
        by_outcome: by_outcome(&now, did.calls),
        by_duration: by_duration(&now, did.calls),
        by_hour: by_hour(&now, &zone),
        time_zone: organization.zone,
        daily: daily(&now, range),
        trends: CallTrends {
            total_change: Percent::change(did.calls, before.calls),
            connected_change: Percent::change(did.connected, before.connected),
            connect_rate_change: Percent::change_of_share((did.connected, did.calls), (before.connected, before.calls)),
            converted_change: Percent::change(did.calls_converted, before.calls_converted),
            talk_seconds_change: Percent::change(did.talk_seconds, before.talk_seconds),
        },
    }))
}

fn share(rows: &[CallsCounted], total: u64, name: &'static str, of: impl Fn(&CallsCounted) -> bool) -> CallShare {
    let count = rows.iter().filter(|row| of(row)).map(|row| row.number).sum();
    CallShare { name, count, percentage: Percent::share(count, total) }
}

fn by_status(rows: &[CallsCounted], total: u64) -> Vec<CallShare> {
    let ends = CallStatus::ALL.iter().filter(|status| status.is_over());
    ends.map(|status| share(rows, total, status.as_str(), |row| row.status == *status)).collect()
}

fn by_outcome(rows: &[CallsCounted], total: u64) -> Vec<CallShare> {
    let outcomes = CallOutcome::ALL.iter().copied().map(Some).chain([None]);
    let of = |outcome: Option<CallOutcome>| {
        share(rows, total, outcome.map_or("none", CallOutcome::as_str), |row| row.outcome == outcome)
    };
    outcomes.map(of).collect()
}

fn by_duration(rows: &[CallsCounted], total: u64) -> Vec<CallLength> {
    let of = |(place, length): (usize, Length)| {
        let count = rows.iter().map(|row| row.lengths[place]).sum();
        let (from_seconds, to_seconds) = length.seconds();
        CallLength { name: length, from_seconds, to_seconds, count, percentage: Percent::share(count, total) }
    };
    Length::ALL.into_iter().enumerate().map(of).collect()
}

/// Half hours in UTC are hours in a zone: exactly where its clocks differ from UTC by whole half hours, as nearly all
/// do; in the others a half hour belongs to the hour in which it begins.
fn by_hour(rows: &[CallsCounted], zone: &TimeZone) -> Vec<CallHour> {
    let mut hours: [CallHour; 24] =
        std::array::from_fn(|hour| CallHour { hour, total: 0, connected: 0, connect_rate: Percent::default() });
    for row in rows {
        for (place, count) in row.half_hours.iter().enumerate().filter(|(_, count)| **count > 0) {
            let Some(hour) = local_hour(row.day, place, zone).and_then(|hour| hours.get_mut(hour)) else { continue };
            hour.total += count;
            hour.connected += if row.connected() { *count } else { 0 };
        }
    }
    for hour in &mut hours {
        hour.connect_rate = Percent::share(hour.connected, hour.total);
    }
    hours.to_vec()
}

fn local_hour(day: Date, half_hour: usize, zone: &TimeZone) -> Option<usize> {
    debug_assert!(half_hour < HALF_HOURS);
    let minutes = i64::try_from(half_hour).ok()? * 30;
    let begins = day.to_zoned(TimeZone::UTC).ok()?.checked_add(Span::new().minutes(minutes)).ok()?;
    usize::try_from(begins.with_time_zone(zone.clone()).hour()).ok()
}

fn daily(rows: &[CallsCounted], range: DateRange) -> Vec<CallDay> {
    let mut days = Days::new();
    for row in rows {
        *days.entry(row.day).or_default() += Did::from(row);
    }
    let day = |date| {
        let did = days.get(&date).copied().unwrap_or_default();
        CallDay {
            date,
            total: did.calls,
            connected: did.connected,
            connect_rate: Percent::share(did.connected, did.calls),
            converted: did.calls_converted,
            talk_seconds: did.talk_seconds,
        }
    };
    range.iter().map(day).collect()
}

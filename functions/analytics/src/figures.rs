//! Figures as the reports need them.
//!
//! Of an organization and its branches leads are counted whoever has them; of people they are counted as they came to
//! them and moved on while they were theirs.

use std::collections::BTreeMap;

use domain::agent::Did;
use domain::call::CallsCounted;
use domain::date_range::DateRange;
use domain::funnel::Figures;
use domain::lead::{LeadsCounted, Worked};
use domain::pipeline::{Pipeline, StageKind};
use domain::reminder::RemindersCounted;
use domain::{Grant, UserId};
use jiff::civil::Date;
use store::{CountRow, StoreError};
use web::App;

/// What was done on each day that has any of it.
pub(crate) type Days = BTreeMap<Date, Did>;

/// A range and the range before of equal length: the two are neighbours, so that one Query reads both.
pub(crate) fn with_previous(range: DateRange) -> DateRange {
    DateRange { from: range.previous().from, to: range.to }
}

/// What was done in a range.
pub(crate) fn within(days: &Days, range: DateRange) -> Did {
    days.range(range.from..=range.to).map(|(_, did)| *did).sum()
}

/// A metric over the days of a range: 1 Query for the organization, or 1 a branch or a person of the grant.
pub(crate) async fn in_range(app: &App, grant: &Grant, metric: &str, range: DateRange) -> Result<Figures, StoreError> {
    let rows = app.table().counts_by_day(grant, metric, range.from, range.to).await?;
    Ok(rows.into_iter().map(|row| (row.dimension, row.n)).collect())
}

/// A metric of now: 1 Query for the organization, or 1 a branch or a person of the grant.
pub(crate) async fn now(app: &App, grant: &Grant, metric: &str) -> Result<Figures, StoreError> {
    Ok(app.table().counts_now(grant, metric).await?.into_iter().map(|row| (row.dimension, row.n)).collect())
}

/// How many people hold open leads now, at the same price; of people 1 `BatchGetItem`.
pub(crate) async fn holders(app: &App, grant: &Grant) -> Result<u64, StoreError> {
    let metric = "open_leads_by_owner";
    let Some(people) = grant.rows().owners() else { return Ok(now(app, grant, metric).await?.iter().map(|_| 1).sum()) };
    let people: Vec<String> = people.iter().map(UserId::to_string).collect();
    let held = app.table().counts_named(grant, metric, &people).await?;
    Ok(held.values().filter(|n| **n > 0).map(|_| 1).sum())
}

/// Leads as they were counted.
#[derive(Debug, Default)]
pub(crate) struct Leads {
    /// Those that came, were converted and were lost on each day of the range and of the one before.
    pub(crate) days: Days,
    /// Those that came in the range, by their source then.
    pub(crate) by_source: Figures,
    /// Entries of each stage in the range.
    pub(crate) entered: Figures,
}

impl Leads {
    /// Reads them: 4 Queries for the organization or a branch, 1 for a person.
    pub(crate) async fn read(
        app: &App,
        grant: &Grant,
        pipeline: &Pipeline,
        range: DateRange,
    ) -> Result<Self, StoreError> {
        if grant.rows().owners().is_some() {
            return Ok(Self::of_people(&app.table().counted(grant, with_previous(range)).await?, range));
        }
        let whole = with_previous(range);
        let table = app.table();
        let (created, converted, by_source, entered) = tokio::try_join!(
            table.counts_by_day(grant, "leads_created", whole.from, whole.to),
            table.counts_by_day(grant, "leads_converted", whole.from, whole.to),
            by_source(app, grant, range),
            table.counts_by_day(grant, "stage_entered", whole.from, whole.to),
        )?;
        let lost = |row: &&CountRow| {
            let mut stages = pipeline.stages().iter().filter(|stage| stage.kind == StageKind::Lost);
            stages.any(|stage| stage.key.as_str() == row.dimension)
        };
        let mut days = Days::new();
        let mut add = |row: &CountRow, did: fn(u64) -> Did| {
            if let Some(day) = row.day {
                *days.entry(day).or_default() += did(u64::try_from(row.n).unwrap_or(0));
            }
        };
        for row in &created {
            add(row, |leads| Did { leads, ..Did::default() });
        }
        for row in &converted {
            add(row, |converted| Did { converted, ..Did::default() });
        }
        for row in entered.iter().filter(lost) {
            add(row, |lost| Did { lost, ..Did::default() });
        }
        let entered = entered.into_iter().filter(|row| row.day.is_some_and(|day| range.contains(day)));
        Ok(Self { days, by_source, entered: entered.map(|row| (row.dimension, row.n)).collect() })
    }

    fn of_people(rows: &[LeadsCounted], range: DateRange) -> Self {
        let mut days = Days::new();
        for row in rows {
            *days.entry(row.day).or_default() += Did::from(row);
        }
        let in_range = || rows.iter().filter(|row| range.contains(row.day));
        Self { days, by_source: given(in_range()), entered: entered(in_range()) }
    }
}

/// Leads that came in the range, by their source then: 1 Query for the organization, or 1 a branch or a person.
pub(crate) async fn by_source(app: &App, grant: &Grant, range: DateRange) -> Result<Figures, StoreError> {
    if grant.rows().owners().is_some() {
        return Ok(given(app.table().counted::<LeadsCounted>(grant, range).await?.iter()));
    }
    in_range(app, grant, "leads_by_source", range).await
}

fn given<'a>(rows: impl Iterator<Item = &'a LeadsCounted>) -> Figures {
    let source = |row: &LeadsCounted| match &row.what {
        Worked::Given { source, .. } => Some((source.clone(), number(row))),
        Worked::Entered(_) | Worked::Won(_) | Worked::Lost(_) => None,
    };
    rows.filter_map(source).collect()
}

fn number(row: &LeadsCounted) -> i64 {
    i64::try_from(row.number).unwrap_or(i64::MAX)
}

fn entered<'a>(rows: impl Iterator<Item = &'a LeadsCounted>) -> Figures {
    rows.filter_map(|row| Some((row.entered()?.to_owned(), number(row)))).collect()
}

/// Entries of each stage of leads that were somebody's, whoever's in the grant's rows: 1 Query for the organization,
/// or 1 a branch or a person.
pub(crate) async fn entered_by_people(app: &App, grant: &Grant, range: DateRange) -> Result<Figures, StoreError> {
    Ok(entered(app.table().counted::<LeadsCounted>(grant, range).await?.iter()))
}

/// What was done on each day of the range and of the one before: 2 Queries more than the leads.
pub(crate) async fn days(app: &App, grant: &Grant, pipeline: &Pipeline, range: DateRange) -> Result<Days, StoreError> {
    let whole = with_previous(range);
    let (leads, calls, reminders) = tokio::try_join!(
        Leads::read(app, grant, pipeline, range),
        app.table().counted::<CallsCounted>(grant, whole),
        app.table().counted::<RemindersCounted>(grant, whole),
    )?;
    let mut days = leads.days;
    for row in &calls {
        *days.entry(row.day).or_default() += Did::from(row);
    }
    for row in &reminders {
        *days.entry(row.day).or_default() += Did::from(row);
    }
    Ok(days)
}

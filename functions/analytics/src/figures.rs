//! Figures as the reports need them.

use domain::Grant;
use domain::date_range::DateRange;
use domain::funnel::Figures;
use store::{CountRow, StoreError};
use web::App;

/// A metric over the days of a range: 1 Query a branch of the grant, or 1 for the organization.
pub(crate) async fn in_range(app: &App, grant: &Grant, metric: &str, range: DateRange) -> Result<Figures, StoreError> {
    Ok(sum(&app.table().counts_by_day(grant, metric, range.from, range.to).await?))
}

/// The same, and before it that of the range before of equal length: the two are neighbours, so still
/// 1 Query.
pub(crate) async fn in_range_and_before(
    app: &App,
    grant: &Grant,
    metric: &str,
    range: DateRange,
) -> Result<(Figures, Figures), StoreError> {
    let rows = app.table().counts_by_day(grant, metric, range.previous().from, range.to).await?;
    let (now, before): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.day.is_some_and(|day| range.contains(day)));
    Ok((sum(&now), sum(&before)))
}

/// A metric of now, at the same price.
pub(crate) async fn now(app: &App, grant: &Grant, metric: &str) -> Result<Figures, StoreError> {
    Ok(sum(&app.table().counts_now(grant, metric).await?))
}

fn sum(rows: &[CountRow]) -> Figures {
    rows.iter().map(|row| (row.dimension.clone(), row.n)).collect()
}

//! What is to be told of events, with the records as they are now.

use std::collections::BTreeSet;

use domain::OrganizationId;
use domain::realtime::{Told, View};
use store::{StoreError, Table};

/// What is to be told of each event, in their order; `None` where there is nothing to tell any more. 1 `BatchGetItem` a
/// 100, and 1 more for what notes are about and the memberships of agents.
pub async fn views(
    table: &Table,
    organization: OrganizationId,
    told: &[Told],
) -> Result<Vec<Option<View>>, StoreError> {
    let subjects: BTreeSet<String> = told.iter().map(|told| told.subject.clone()).collect();
    let records = table.outlines(organization, &subjects).await?;
    let about = |told: &Told| told.about(records.get(&told.subject)?);
    let others: BTreeSet<String> = told.iter().filter_map(about).collect();
    let others = table.outlines(organization, &others).await?;
    let view = |told: &Told| {
        let about = about(told).and_then(|id| others.get(&id));
        View::new(told, records.get(&told.subject)?, about)
    };
    Ok(told.iter().map(view).collect())
}

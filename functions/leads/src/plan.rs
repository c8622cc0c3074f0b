//! Which index answers a list, and what remains to be checked on what it gives.

use domain::filter::{FieldType, Fields, Filter};
use domain::{Grant, Lead, PersonalFields};
use store::{LeadLists, ListQuery};
use web::{App, Page, Params, Problem, refuse_masked};

/// The fields that leads can be filtered by.
pub(crate) const FIELDS: Fields = Fields::with_custom_fields(&[
    ("assigned_to", FieldType::Id),
    ("branch_id", FieldType::Id),
    ("campaign", FieldType::Text),
    ("city", FieldType::Text),
    ("created_at", FieldType::Timestamp),
    ("email", FieldType::Text),
    ("external_id", FieldType::Text),
    ("full_name", FieldType::Text),
    ("lost_reason", FieldType::Text),
    ("medium", FieldType::Text),
    ("phone", FieldType::Text),
    ("priority", FieldType::Text),
    ("score", FieldType::Number),
    ("source", FieldType::Text),
    ("status", FieldType::Text),
    ("tags", FieldType::TextList),
    ("touches", FieldType::Number),
    ("updated_at", FieldType::Timestamp),
]);

/// A list of leads, planned.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The index and its partitions.
    pub(crate) query: ListQuery,
    /// What is checked on each lead.
    pub(crate) residual: Filter,
}

/// The filter of a query; parameters named in `reserved` are none.
pub(crate) async fn filter(app: &App, grant: &Grant, params: &Params, reserved: &[&str]) -> Result<Filter, Problem> {
    let others: Vec<_> = params.others(reserved).collect();
    if others.is_empty() {
        return Ok(Filter::default());
    }
    // The zone is read only where a filter may need it: dates mean days of the organization.
    let zone = app.organization(grant).await?.time_zone();
    let filter = Filter::from_query(others, &FIELDS, &zone)?;
    refuse_masked(grant, |field| filter.names(field))?;
    Ok(filter)
}

/// Chooses the index, as [`Table::lead_lists`](store::Table::lead_lists) does.
pub(crate) async fn plan(app: &App, grant: &Grant, filter: Filter, page: &Page) -> Result<Plan, Problem> {
    // Boxed: most lists ask for no stage, and need none of it.
    let chosen = Box::pin(app.table().lead_lists(grant, filter, app.pipeline(grant))).await?;
    let LeadLists { slot, question, values, residual } = chosen;
    let query = ListQuery {
        slot,
        question,
        values,
        newest_first: page.newest_first,
        since: None,
        until: None,
        cursor: page.cursor.clone(),
        skip: page.skip,
        limit: page.limit,
    };
    Ok(Plan { query, residual })
}

/// Whether a lead passes what is left of a filter.
pub(crate) fn passes(residual: &Filter, lead: &Lead) -> bool {
    if residual.is_empty() {
        return true;
    }
    // The view's names are the filter's names; the stored form lacks empty fields and the times.
    let view = views::LeadView::new(lead.clone(), PersonalFields::ALL);
    serde_json::to_value(view).is_ok_and(|view| residual.matches(&view))
}

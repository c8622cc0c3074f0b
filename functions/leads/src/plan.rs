//! Which index answers a list, and what remains to be checked on what it gives.

use domain::filter::{FieldType, Fields, Filter};
use domain::{BranchId, FieldInvalid, Grant, Invalid, Lead, PersonalField, PersonalFields, Rows, Slot, UserId};
use store::ListQuery;
use web::{App, Page, Params, Problem};

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

/// A list is merged from so many partitions at most; beyond, the whole organization's list is read
/// and filtered.
const MAX_PARTITIONS: usize = 40;

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

/// Who does not see a field must not find out what is in it by asking for it: `names` tells whether it is asked for.
pub(crate) fn refuse_masked(grant: &Grant, names: impl Fn(&str) -> bool) -> Result<(), Vec<FieldInvalid>> {
    let wrong: Vec<_> = PersonalField::ALL
        .into_iter()
        .filter(|field| !grant.clear().has(*field) && names(field.as_str()))
        .map(|field| FieldInvalid::new(field.as_str(), Invalid::new("masked_field", "is masked for you")))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Chooses the index: one Query for an owner's leads, for a branch's leads in a stage, or for all; a
/// branch's leads are merged from its stages, an organization's leads in a stage from its branches.
pub(crate) async fn plan(app: &App, grant: &Grant, filter: Filter, page: &Page) -> Result<Plan, Problem> {
    let (slot, question, values, residual) = match (grant.rows().owners(), filter.equals("assigned_to")) {
        // A filter by somebody else's leads stays in the filter, and lets nothing through.
        (Some(owners), _) => (Slot::Two, "owner", owners.iter().map(UserId::to_string).collect(), filter),
        (None, Some(owner)) => {
            let owner = owner.to_owned();
            (Slot::Two, "owner", vec![owner], filter.split_equality("assigned_to").1)
        }
        (None, None) => by_branch_and_stage(app, grant, filter).await?,
    };
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

type Chosen = (Slot, &'static str, Vec<String>, Filter);

async fn by_branch_and_stage(app: &App, grant: &Grant, filter: Filter) -> Result<Chosen, Problem> {
    let (stage, after_stage) = filter.clone().split_equality("status");
    let (branch, residual) = after_stage.clone().split_equality("branch_id");
    let everything = matches!(grant.rows(), Rows::All);
    if everything && stage.is_none() && branch.is_none() {
        return Ok((Slot::One, "all", vec![String::new()], filter));
    }
    let branches: Vec<BranchId> = match &branch {
        Some(branch) => branch.parse().ok().into_iter().collect(),
        None => app.table().branches_in_reach(grant).await?,
    };
    let stages = match stage {
        Some(stage) => vec![known_stage(app, grant, &stage).await?],
        None => {
            let pipeline = app.pipeline(grant).await?;
            pipeline.pipeline.stages().iter().map(|stage| stage.key.as_str().to_owned()).collect()
        }
    };
    if branches.len() * stages.len() > MAX_PARTITIONS {
        return Ok((Slot::One, "all", vec![String::new()], filter));
    }
    let values =
        branches.iter().flat_map(|branch| stages.iter().map(|stage| Lead::branch_stage(*branch, stage))).collect();
    Ok((Slot::Three, "stage", values, residual))
}

/// A stage by its key in any case; one that the pipeline has not is a mistake worth telling.
async fn known_stage(app: &App, grant: &Grant, text: &str) -> Result<String, Problem> {
    let pipeline = app.pipeline(grant).await?;
    let mut stages = pipeline.pipeline.stages().iter().map(|stage| stage.key.as_str());
    stages.find(|key| key.eq_ignore_ascii_case(text)).map(str::to_owned).ok_or_else(|| {
        Problem::invalid([FieldInvalid::new("status", Invalid::new("unknown_stage", "is not a stage of the pipeline"))])
    })
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

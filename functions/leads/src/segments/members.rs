//! The leads of a segment that somebody reaches.

use domain::automation::{Conditions, Seen, SubjectKind};
use domain::filter::Filter;
use domain::segment::Audience;
use domain::{FieldInvalid, Grant, Invalid, Lead, LeadId, PersonalFields, Segment};
use jiff::Timestamp;
use serde_json::Map;
use store::{Cursor, ListPage};
use web::{App, Page, Problem};

use super::body::known;
use crate::plan::{Plan, plan};

/// A page of a segment's leads, and how many there are in all where an index tells.
pub(crate) struct Members {
    pub(crate) page: ListPage<Lead>,
    pub(crate) size: Option<u64>,
}

/// The leads of a page. By criteria: 1 Query, and 1 `GetItem` for the size; criteria beyond stage, owner and branch read on
/// until the page is full, 2,000 leads at most. Of a list: 1 `BatchGetItem` a 100 leads.
pub(crate) async fn members(app: &App, grant: &Grant, segment: &Segment, page: &Page) -> Result<Members, Problem> {
    match &segment.audience {
        Audience::Criteria(conditions) => {
            // Who does not see a field must not find out what is in it by a segment of others.
            known(app, grant, &segment.audience).await?;
            by_criteria(app, grant, conditions, page).await
        }
        Audience::Leads(ids) => {
            let ids: Vec<LeadId> =
                if page.newest_first { ids.iter().rev().copied().collect() } else { ids.iter().copied().collect() };
            listed(app, grant, &ids, page).await
        }
    }
}

async fn by_criteria(app: &App, grant: &Grant, conditions: &Conditions, page: &Page) -> Result<Members, Problem> {
    let Some(filter) = conditions.filter(SubjectKind::Lead) else {
        return Ok(Members { page: ListPage { records: Vec::new(), next: None }, size: None });
    };
    let Plan { query, residual } = plan(app, grant, filter, page).await?;
    let (now, exact) = (app.now(), residual.is_empty());
    let leads = app.table().list::<Lead>(grant, &query, |lead| meets(&residual, lead, now));
    let size = async {
        let size =
            if exact { Some(app.table().list_size::<Lead>(grant, query.question, &query.values).await?) } else { None };
        Ok(size)
    };
    let (page, size) = tokio::try_join!(leads, size)?;
    Ok(Members { page, size })
}

/// Whether a lead meets what an index did not answer.
fn meets(residual: &Filter, lead: &Lead, now: Timestamp) -> bool {
    residual.is_empty() || residual.matches(&Seen::of_lead(lead.clone()).view(PersonalFields::ALL, &Map::new(), now))
}

/// A page of a list is a part of it, in which leads that are gone or out of reach leave a gap.
async fn listed(app: &App, grant: &Grant, ids: &[LeadId], page: &Page) -> Result<Members, Problem> {
    let from = match &page.cursor {
        Some(cursor) => ids.iter().position(|id| id.to_string() == cursor.place()).map(|place| place + 1),
        None => usize::try_from(page.skip).ok(),
    };
    let bad = || Problem::field("cursor", Invalid::new("bad_cursor", "the cursor does not belong to this list"));
    let from = from.ok_or_else(bad)?.min(ids.len());
    let to = ids.len().min(from + page.limit.get() as usize);
    let part = &ids[from..to];
    let mut found = app.table().get_many::<Lead>(grant, part).await?;
    let records = part.iter().filter_map(|id| found.remove(id)).collect();
    let next = part.last().filter(|_| to < ids.len()).map(|id| Cursor::behind(&id.to_string()));
    Ok(Members { page: ListPage { records, next }, size: None })
}

/// What a wrong page says.
pub(crate) fn refused(wrong: Vec<FieldInvalid>) -> Result<(), Problem> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

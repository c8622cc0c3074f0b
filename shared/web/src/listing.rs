//! A page of the records of one list.

use domain::{Grant, List, Record, Slot};
use store::ListQuery;

use crate::{App, Page, Pagination, Params, Problem};

/// Whether a list is shown as it is kept, or only what of it passes a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As it is kept: its size is known.
    Whole,
    /// What passes a filter: its size is what was seen so far.
    Filtered,
}

/// The page that the parameters ask for, of the records in the grant's rows that pass `keep`, for a kind of record that
/// has one list: 1 Query.
pub async fn page<R: Record>(
    app: &App,
    grant: &Grant,
    params: &Params,
    keep: impl Fn(&R) -> bool,
) -> Result<(Vec<R>, Pagination), Problem> {
    page_of(app, grant, params, &List::new(Slot::One, "all", ""), Shown::Whole, keep).await
}

/// The same of any list.
pub async fn page_of<R: Record>(
    app: &App,
    grant: &Grant,
    params: &Params,
    list: &List,
    shown: Shown,
    keep: impl Fn(&R) -> bool,
) -> Result<(Vec<R>, Pagination), Problem> {
    let key = app.table().hash_key();
    let name = match list.value.as_str() {
        "" => format!("{}#{}", grant.organization(), R::KIND),
        value => format!("{}#{}#{}#{value}", grant.organization(), R::KIND, list.question),
    };
    let mut wrong = Vec::new();
    let page = Page::read(params, key, &name, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let query = ListQuery {
        newest_first: page.newest_first,
        cursor: page.cursor.clone(),
        skip: page.skip,
        ..ListQuery::new(list.slot, list.question, &list.value, page.limit)
    };
    let found = app.table().list(grant, &query, keep).await?;
    let seen = u64::from(page.skip) + found.records.len() as u64;
    // The list's size is needed only where the page does not end it.
    let total = if found.next.is_none() && page.cursor.is_none() {
        seen
    } else if shown == Shown::Filtered {
        seen + u64::from(found.next.is_some())
    } else {
        app.table().list_size::<R>(grant, list.question, std::slice::from_ref(&list.value)).await?.max(seen)
    };
    let pagination = page.pagination(key, &name, total, found.next.as_ref());
    Ok((found.records, pagination))
}

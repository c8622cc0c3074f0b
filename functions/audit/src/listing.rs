//! A page of one of a kind of record's lists.

use domain::{FieldInvalid, Grant, Record, Slot};
use store::ListQuery;
use web::{App, Page, Pagination, Params, Problem};

use crate::when::When;

/// Which list, and what of it.
pub(crate) struct Asked {
    /// The index.
    pub(crate) slot: Slot,
    /// The question.
    pub(crate) question: &'static str,
    /// The value asked for.
    pub(crate) value: String,
    /// When it happened.
    pub(crate) when: When,
    /// All filters as text: a cursor of another filter is refused.
    pub(crate) filters: String,
    /// Whether the filters leave something out of the list.
    pub(crate) partly: bool,
}

/// The page that the parameters ask for, of the records that pass `keep`: 1 Query, and 1 read for the list's size. What
/// was wrong before is told with what is wrong of the page.
pub(crate) async fn page<R: Record>(
    app: &App,
    grant: &Grant,
    params: &Params,
    asked: Asked,
    mut wrong: Vec<FieldInvalid>,
    keep: impl Fn(&R) -> bool,
) -> Result<(Vec<R>, Pagination), Problem> {
    let Asked { slot, question, value, when, filters, partly } = asked;
    let (key, name) = (app.table().hash_key(), format!("{}#{}#{filters}", grant.organization(), R::KIND));
    let page = Page::read(params, key, &name, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let query = ListQuery {
        newest_first: page.newest_first,
        since: when.from,
        until: when.to,
        cursor: page.cursor.clone(),
        skip: page.skip,
        ..ListQuery::new(slot, question, value.clone(), page.limit)
    };
    let found = app.table().list(grant, &query, keep).await?;
    let seen = u64::from(page.skip) + found.records.len() as u64 + u64::from(found.next.is_some());
    let partly = partly || when.from.is_some() || when.to.is_some();
    // The list's size is needed only where the page does not end it.
    let total = if partly || found.next.is_none() && page.cursor.is_none() {
        seen
    } else {
        app.table().list_size::<R>(grant, question, &[value]).await?.max(seen)
    };
    let pagination = page.pagination(key, &name, total, found.next.as_ref());
    Ok((found.records, pagination))
}

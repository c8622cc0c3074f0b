//! A page of the records of one list.

use domain::{BranchId, Grant, Invalid, List, Record, Slot, UserId};
use jiff::Timestamp;
use store::ListQuery;

use crate::members::member;
use crate::{App, Page, Pagination, Params, Problem, Sort};

/// A list is merged from so many partitions at most.
const MAX_PARTITIONS: usize = 40;

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
    page_asked(app, grant, params, &Asked { shown, ..Asked::of(list) }, keep).await
}

/// What is asked of a kind of records: some of its lists, merged, or a part of them.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The index.
    pub slot: Slot,
    /// The question.
    pub question: &'static str,
    /// The values asked for; each costs a Query.
    pub values: Vec<String>,
    /// Only what the lists order from this moment on.
    pub since: Option<Timestamp>,
    /// Only what they order before this moment.
    pub until: Option<Timestamp>,
    /// Whether all that the lists hold there is shown.
    pub shown: Shown,
    /// What they are ordered by.
    pub sort: Sort,
    /// What else was asked, in whatever words: a cursor goes with the same ones only. Moments that follow from now
    /// must stand here as they were asked for, because now is another with each page.
    pub words: String,
}

impl Asked {
    /// The whole of one list, the newest first.
    pub fn of(list: &List) -> Self {
        Self {
            slot: list.slot,
            question: list.question,
            values: vec![list.value.clone()],
            since: None,
            until: None,
            shown: Shown::Whole,
            sort: Sort::CREATED,
            words: String::new(),
        }
    }

    /// What is in the caller's rows, of a kind that lists what it has by `user` in the second slot and by `branch` in the third:
    /// somebody's, a branch's, or all. 1 read for who is named, 1 Query for the organization's branches where it is all of
    /// them.
    ///
    /// # Errors
    ///
    /// 404 for whoever is out of reach; 422 where there are more than 40 partitions in reach and none is named.
    pub async fn in_rows(
        app: &App,
        grant: &Grant,
        user: Option<UserId>,
        branch: Option<BranchId>,
    ) -> Result<Self, Problem> {
        let (slot, question, values): (_, _, Vec<String>) = match (user, grant.rows().owners()) {
            (Some(user), _) => {
                member(app, grant, user).await?;
                (Slot::Two, "user", vec![user.to_string()])
            }
            (None, Some(owners)) => (Slot::Two, "user", owners.iter().map(UserId::to_string).collect()),
            (None, None) => {
                let mut branches = app.table().branches_in_reach(grant).await?;
                branches.retain(|known| branch.is_none_or(|branch| branch == *known));
                (Slot::Three, "branch", branches.iter().map(BranchId::to_string).collect())
            }
        };
        if values.len() > MAX_PARTITIONS {
            let name = if slot == Slot::Two { "user_id" } else { "branch_id" };
            let why = "is required where there are more than 40 of them in reach";
            return Err(Problem::field(name, Invalid::new("required", why)));
        }
        Ok(Self { values, ..Self::of(&List::new(slot, question, "")) })
    }

    fn is_whole(&self) -> bool {
        self.shown == Shown::Whole && self.since.is_none() && self.until.is_none()
    }
}

/// The page that the parameters ask for of what is asked: 1 Query for each value, and 1 read of sizes where a page of
/// a whole list does not end it.
pub async fn page_asked<R: Record>(
    app: &App,
    grant: &Grant,
    params: &Params,
    asked: &Asked,
    keep: impl Fn(&R) -> bool,
) -> Result<(Vec<R>, Pagination), Problem> {
    let key = app.table().hash_key();
    let Asked { slot, question, values, since, until, shown: _, sort, words } = asked;
    let name = format!("{}#{}#{question}#{values:?}#{words}", grant.organization(), R::KIND);
    let mut wrong = Vec::new();
    let page = Page::read_sorted(params, key, &name, *sort, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let query = ListQuery {
        slot: *slot,
        question,
        values: values.clone(),
        newest_first: page.newest_first,
        since: *since,
        until: *until,
        cursor: page.cursor.clone(),
        skip: page.skip,
        limit: page.limit,
    };
    let found = app.table().list(grant, &query, keep).await?;
    let seen = u64::from(page.skip) + found.records.len() as u64;
    // The list's size is needed only where the page does not end it.
    let total = if found.next.is_none() && page.cursor.is_none() {
        seen
    } else if asked.is_whole() {
        app.table().list_size::<R>(grant, question, values).await?.max(seen)
    } else {
        seen + u64::from(found.next.is_some())
    };
    let pagination = page.pagination(key, &name, total, found.next.as_ref());
    Ok((found.records, pagination))
}

//! Three styles of paging in, both answers out.

use std::num::NonZeroU32;

use domain::{FieldInvalid, Invalid};
use serde::Serialize;
use store::{Cursor, HashKey};

use crate::Params;

/// A page has at most so many records.
pub const MAX_LIMIT: u32 = 200;
/// And this many where the caller does not say.
const DEFAULT_LIMIT: u32 = 50;
/// `page` and `offset` reach so far; further on, `cursor` does, at a cost that does not grow.
const MAX_DEPTH: u32 = 2_000;
const FIFTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(DEFAULT_LIMIT - 1);

/// The page asked for: by `page` and `limit`, `limit` and `offset`, or `cursor`.
#[derive(Debug, Clone)]
pub struct Page {
    /// At most so many records.
    pub limit: NonZeroU32,
    /// Records to pass over.
    pub skip: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// Newest first, or oldest first (`sort_order=asc`).
    pub newest_first: bool,
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The only field that `sort_by` may name.
    pub by: &'static str,
    /// Which end comes first where the caller does not say.
    pub newest_first: bool,
}

impl Sort {
    /// The newest first.
    pub const CREATED: Self = Self { by: "created_at", newest_first: true };
}

/// The paging parameters of a list, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; Page reads them")]
pub struct PageQuery {
    /// The page's number, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Records a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Records to pass over, instead of `page`.
    offset: Option<u32>,
    /// The `next_cursor` of the page before, instead of either.
    cursor: Option<String>,
    /// What the list is ordered by: `created_at`, where it does not name another time.
    sort_by: Option<String>,
    /// `desc` (newest first, which most lists are) or `asc`.
    sort_order: Option<String>,
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Pagination {
    /// The page's number from 1; with a cursor it is not known and reads 1.
    current_page: u32,
    /// Pages of the list.
    total_pages: u64,
    /// Records of the list. Where a filter beyond the list's own is given, those that are known so far.
    total_records: u64,
    /// Records a page.
    per_page: u32,
    /// Leads to the next page; `null` on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl Page {
    /// The names of these parameters, which are no filters.
    pub const RESERVED: [&'static str; 6] = ["page", "limit", "offset", "cursor", "sort_by", "sort_order"];

    /// Reads the parameters; `list` names the list that a cursor must belong to. What is wrong is added
    /// to `wrong`.
    pub fn read(params: &Params, key: &HashKey, list: &str, wrong: &mut Vec<FieldInvalid>) -> Self {
        Self::read_sorted(params, key, list, Sort::CREATED, wrong)
    }

    /// The same of a list with an order of its own.
    pub fn read_sorted(params: &Params, key: &HashKey, list: &str, sort: Sort, wrong: &mut Vec<FieldInvalid>) -> Self {
        let limit = match params.number("limit", wrong) {
            Some(number) if number > MAX_LIMIT || number == 0 => {
                wrong.push(FieldInvalid::new("limit", Invalid::new("out_of_range", "must be 1 to 200")));
                FIFTY
            }
            Some(number) => NonZeroU32::new(number).unwrap_or(FIFTY),
            None => FIFTY,
        };
        let page = params.number("page", wrong);
        let offset = params.number("offset", wrong);
        if page == Some(0) {
            wrong.push(FieldInvalid::new("page", Invalid::new("out_of_range", "must be 1 or more")));
        }
        let skip = offset.unwrap_or_else(|| page.unwrap_or(1).saturating_sub(1).saturating_mul(limit.get()));
        if skip.saturating_add(limit.get()) > MAX_DEPTH {
            let field = if offset.is_some() { "offset" } else { "page" };
            wrong.push(FieldInvalid::new(
                field,
                Invalid::new("too_deep", "reaches past 2,000 records: follow next_cursor instead"),
            ));
        }
        let newest_first = match params.get("sort_order") {
            None => sort.newest_first,
            Some("desc") => true,
            Some("asc") => false,
            Some(_) => {
                wrong.push(FieldInvalid::new("sort_order", Invalid::new("unknown_value", "must be asc or desc")));
                true
            }
        };
        if params.get("sort_by").is_some_and(|by| by != sort.by) {
            let why = format!("must be {}", sort.by);
            wrong.push(FieldInvalid::new("sort_by", Invalid::new("unknown_value", why)));
        }
        let cursor = params.get("cursor").and_then(|text| {
            if page.is_some_and(|page| page > 1) || offset.is_some_and(|offset| offset > 0) {
                wrong
                    .push(FieldInvalid::new("cursor", Invalid::new("two_styles", "goes with neither page nor offset")));
            }
            Cursor::open(text, key, &sealed_for(list, newest_first))
                .map_err(|error| wrong.push(FieldInvalid::new("cursor", Invalid::new("bad_cursor", error.to_string()))))
                .ok()
        });
        Self { limit, skip, cursor, newest_first }
    }

    /// Where the page stands; `total` is the list's size, `next` where it goes on.
    pub fn pagination(&self, key: &HashKey, list: &str, total: u64, next: Option<&Cursor>) -> Pagination {
        let per_page = self.limit.get();
        Pagination {
            current_page: self.skip / per_page + 1,
            total_pages: total.div_ceil(u64::from(per_page)),
            total_records: total,
            per_page,
            next_cursor: self.sealed(key, list, next),
        }
    }

    /// The next page's cursor, for lists whose size nobody counts.
    pub fn sealed(&self, key: &HashKey, list: &str, next: Option<&Cursor>) -> Option<String> {
        next.map(|cursor| cursor.seal(key, &sealed_for(list, self.newest_first)))
    }
}

fn sealed_for(list: &str, newest_first: bool) -> String {
    format!("{list}#{}", if newest_first { "desc" } else { "asc" })
}

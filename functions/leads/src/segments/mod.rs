//! Segments: leads that belong together, by what they are like or one by one. Each sees of a segment the leads in their own
//! reach.

pub(crate) mod body;
pub(crate) mod count;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod leads;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod relist;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use std::num::NonZeroU32;

use domain::segment::MAX_SEGMENTS;
use domain::{Grant, Segment, Slot};
use store::ListQuery;
use web::{App, Problem, Routes, routes};

/// The operations and their document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::segment_list, create::segment_create))
        .routes(routes!(view::segment_view, update::segment_update, delete::segment_delete))
        .routes(routes!(restore::segment_restore))
        .routes(routes!(count::segment_count))
        .routes(routes!(leads::segment_lead_list, relist::segment_relist))
}

/// Refuses one more segment where there are as many as there may be: 1 Query.
async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    let most = u32::try_from(MAX_SEGMENTS).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let query = ListQuery::new(Slot::One, "all", "", most);
    if app.table().list::<Segment>(grant, &query, |_| true).await?.records.len() < MAX_SEGMENTS {
        return Ok(());
    }
    let detail = format!("An organization may have {MAX_SEGMENTS} segments at most.");
    Err(Problem::conflict("too_many_segments", detail))
}

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

use domain::segment::MAX_SEGMENTS;
use domain::{Grant, Segment};
use web::room::room_for;
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
    room_for::<Segment>(app, grant, MAX_SEGMENTS, "too_many_segments", "segments").await
}

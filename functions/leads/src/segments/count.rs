//! `GET /segments/{id}/count`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, PathId, Problem, SignedIn};

use super::members::{Members, members};

/// Leads are counted by so many pages.
const PAGES: usize = 5;
/// Of so many leads that belong to it.
const A_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_999);

/// How many leads a segment has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentCount {
    /// Those in your reach.
    count: u64,
    /// Whether there are more that were not counted.
    at_least: bool,
}

/// Counts a segment's leads in your reach.
///
/// Where an index tells, 1 `GetItem` and 1 Query. Else leads are looked at, 10,000 at most in 5 Queries; `at_least` tells
/// whether there are more.
#[utoipa::path(
    get, path = "/segments/{id}/count", tag = "segments",
    params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<SegmentCount>)),
)]
pub(crate) async fn segment_count(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
) -> Result<Data<SegmentCount>, Problem> {
    signed_in.caller.allow(Permission::SegmentsRead)?;
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let segment: Segment = app.table().get(&grant, id).await?;
    let mut page = Page { limit: NonZeroU32::MIN, skip: 0, cursor: None, newest_first: true };
    // One lead is enough where an index tells how many there are.
    let mut counted = 0;
    for tried in 0..=PAGES {
        let Members { page: leads, size } = members(&app, &grant, &segment, &page).await?;
        counted += leads.records.len() as u64;
        if let Some(size) = size {
            return Ok(Data(SegmentCount { count: size.max(counted), at_least: false }));
        }
        page.cursor = leads.next;
        page.limit = A_PAGE;
        if page.cursor.is_none() {
            break;
        }
        if tried == PAGES {
            return Ok(Data(SegmentCount { count: counted, at_least: true }));
        }
    }
    Ok(Data(SegmentCount { count: counted, at_least: false }))
}

//! `GET /segments/{id}/count`.

use axum::extract::State;
use domain::segment::Audience;
use domain::{Permission, Segment, SegmentId};
use serde::Serialize;
use store::AudienceSize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::body::known;

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
    if let Audience::Criteria(_) = &segment.audience {
        known(&app, &grant, &segment.audience).await?;
    }
    let pipeline = app.pipeline(&grant).await?;
    let AudienceSize { count, at_least } =
        app.table().audience_size(&grant, &segment.audience, app.now(), &pipeline).await?;
    Ok(Data(SegmentCount { count, at_least }))
}

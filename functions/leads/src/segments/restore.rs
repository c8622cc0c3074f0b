//! `POST /segments/{id}/restore`.

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::room;
use super::view::SegmentView;

/// Brings a deleted segment back as it was.
#[utoipa::path(
    post, path = "/segments/{id}/restore", tag = "segments",
    params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<SegmentView>, headers(("ETag" = String)))),
)]
pub(crate) async fn segment_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
) -> Result<Versioned<SegmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsWrite)?;
    let segment: Segment = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let segment = app.table().commit(&grant, segment.restore(app.now())).await?;
    let version = segment.meta.version;
    Ok(Versioned(segment.into(), version))
}

//! `DELETE /segments/{id}`.

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a segment, and none of its leads. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/segments/{id}", tag = "segments",
    params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn segment_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |segment: Segment| Ok(segment.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

//! `PUT /segments/{id}`.

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::body::{SegmentBody, known};
use super::view::SegmentView;

/// Changes a segment. With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/segments/{id}", tag = "segments",
    params(("id" = SegmentId, Path)),
    request_body = SegmentBody,
    responses((status = 200, body = Envelope<SegmentView>, headers(("ETag" = String)))),
)]
pub(crate) async fn segment_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
    if_match: IfMatch,
    Body(body): Body<SegmentBody>,
) -> Result<Versioned<SegmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let (patch, now) = (body.patch(&zone)?, app.now());
    if let Some(audience) = &patch.audience {
        known(&app, &grant, audience).await?;
    }
    let segment =
        change(&app, &grant, id, if_match, &patch.writing(), |segment: Segment| Ok(segment.update(patch.clone(), now)))
            .await?;
    let version = segment.meta.version;
    Ok(Versioned(segment.into(), version))
}

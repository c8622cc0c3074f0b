//! `POST /segments`.

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::body::{SegmentBody, known};
use super::room;
use super::view::SegmentView;

/// Makes a segment, by criteria or by a list of leads. Costs 2 Queries at most, 1 `BatchGetItem` a 100 leads of a list, and 1
/// transaction.
#[utoipa::path(
    post, path = "/segments", tag = "segments", request_body = SegmentBody,
    responses((status = 201, body = Envelope<SegmentView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn segment_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SegmentBody>,
) -> Result<Created<SegmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let (details, now) = (body.details(&zone)?, app.now());
    known(&app, &grant, &details.audience).await?;
    room(&app, &grant).await?;
    let id = SegmentId::at(now, app.platform().random());
    let change = Segment::create(id, grant.organization(), details, signed_in.user, now);
    let segment = app.table().commit(&grant, change).await?;
    let version = segment.meta.version;
    Ok(Created { data: segment.into(), location: format!("/segments/{id}"), version })
}

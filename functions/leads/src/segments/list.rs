//! `GET /segments`.

use axum::extract::State;
use domain::{Permission, Segment};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::SegmentView;

/// A page of segments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentList {
    /// The segments.
    segments: Vec<SegmentView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists segments, newest first. Costs 1 Query.
#[utoipa::path(
    get, path = "/segments", tag = "segments",
    params(PageQuery),
    responses((status = 200, body = Envelope<SegmentList>)),
)]
pub(crate) async fn segment_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SegmentList>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsRead)?;
    let (segments, pagination) = page(&app, &grant, &params, |_: &Segment| true).await?;
    Ok(Data(SegmentList { segments: segments.into_iter().map(SegmentView::from).collect(), pagination }))
}

//! `GET /segments/{id}/leads`.

use axum::extract::State;
use domain::{Permission, Segment, SegmentId};
use store::AudiencePage;
use views::LeadView;
use web::{App, Data, Envelope, Page, PageQuery, Params, PathId, Problem, SignedIn};

use super::members::{members, refused};
use crate::page::LeadList;

/// Lists a segment's leads in your reach, newest first. A page of a list has a gap where a lead is gone or out of your reach.
///
/// Costs 1 `GetItem`, and 1 Query and 1 `GetItem` for the size; criteria beyond stage, owner and branch read on until the
/// page is full, 2,000 leads at most. Of a list, 1 `BatchGetItem` a 100 leads.
#[utoipa::path(
    get, path = "/segments/{id}/leads", tag = "segments",
    params(("id" = SegmentId, Path), PageQuery),
    responses((status = 200, body = Envelope<LeadList>)),
)]
pub(crate) async fn segment_lead_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
    params: Params,
) -> Result<Data<LeadList>, Problem> {
    signed_in.caller.allow(Permission::SegmentsRead)?;
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let segment: Segment = app.table().get(&grant, id).await?;
    let key = app.table().hash_key();
    // A cursor belongs to the tenant, the rows and the segment as it was.
    let list = format!("segment {:?} {:?} {id} {}", grant.organization(), grant.rows(), segment.meta.version);
    let mut wrong = Vec::new();
    let page = Page::read(&params, key, &list, &mut wrong);
    refused(wrong)?;
    let AudiencePage { page: leads, size } = members(&app, &grant, &segment, &page).await?;
    let seen = u64::from(page.skip) + leads.records.len() as u64 + u64::from(leads.next.is_some());
    Ok(Data(LeadList {
        pagination: page.pagination(key, &list, size.unwrap_or(0).max(seen), leads.next.as_ref()),
        leads: leads.records.into_iter().map(|lead| LeadView::seen_by(&grant, lead)).collect(),
    }))
}

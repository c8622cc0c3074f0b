//! `POST /segments/{id}/leads`.

use axum::extract::State;
use domain::segment::{MAX_LISTED, Unlisted};
use domain::{FieldInvalid, Invalid, LeadId, Permission, Segment, SegmentId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::body::in_reach;
use super::members::refused;
use super::view::SegmentView;

/// Leads to be put on a list, and to be taken off.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SegmentRelist {
    /// In your reach.
    #[serde(default)]
    #[schema(value_type = Option<Vec<LeadId>>, max_items = 1000)]
    add: Field<Vec<LeadId>>,
    /// Those that are not on it change nothing.
    #[serde(default)]
    #[schema(value_type = Option<Vec<LeadId>>, max_items = 1000)]
    remove: Field<Vec<LeadId>>,
}

impl Fields for SegmentRelist {
    const WRITES: &'static [&'static str] = &["add", "remove"];
}

/// Puts leads on a segment's list and takes others off; 409 where it has criteria. Costs 1 `BatchGetItem` a 100 leads that
/// are put on it, 1 read and 1 transaction.
#[utoipa::path(
    post, path = "/segments/{id}/leads", tag = "segments",
    params(("id" = SegmentId, Path)),
    request_body = SegmentRelist,
    responses((status = 200, body = Envelope<SegmentView>, headers(("ETag" = String)))),
)]
pub(crate) async fn segment_relist(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
    Body(body): Body<SegmentRelist>,
) -> Result<Versioned<SegmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsWrite)?;
    // Whoever does not reach it learns nothing of leads by it.
    let _: Segment = app.table().get(&grant, id).await?;
    let mut wrong = Vec::new();
    let add = body.add.optional("add", &mut wrong).unwrap_or_default();
    let remove = body.remove.optional("remove", &mut wrong).unwrap_or_default();
    for (field, ids) in [("add", &add), ("remove", &remove)] {
        if ids.len() > MAX_LISTED {
            wrong.push(FieldInvalid::new(field, Invalid::new("too_many", "must be at most 1,000")));
        }
    }
    refused(wrong)?;
    in_reach(&app, &grant, &add, "add").await?;
    let now = app.now();
    let segment = change(&app, &grant, id, IfMatch(None), &["audience"], |segment: Segment| {
        segment.relist(&add, &remove, now).map_err(|unlisted| match unlisted {
            Unlisted::NoList => Problem::conflict("no_list", "Who belongs to it is found by criteria."),
            Unlisted::TooLong(invalid) => Problem::field("add", invalid),
        })
    })
    .await?;
    let version = segment.meta.version;
    Ok(Versioned(segment.into(), version))
}

//! A segment as it is shown; `GET /segments/{id}`.

use axum::extract::State;
use domain::segment::Audience;
use domain::{Label, Meta, Note, Permission, Segment, SegmentId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// What frontends send back of a segment and only we write.
pub(crate) const READ_ONLY: &[&str] = &["id", "kind", "size", "created_by", "created_at", "updated_at", "version"];

/// How the leads of a segment are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SegmentKind {
    /// Whoever meets the criteria when somebody looks.
    Dynamic,
    /// Those that were put on the list.
    Static,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
pub(crate) struct SegmentView {
    /// Its id.
    id: SegmentId,
    /// What people call it.
    name: Label,
    /// What it is for.
    #[schema(required)]
    description: Option<Note>,
    /// How its leads are chosen.
    kind: SegmentKind,
    /// What its leads are like, as it was written; `null` for a list.
    #[schema(value_type = Option<Value>, required)]
    criteria: Option<Value>,
    /// How many leads are on its list, in whosever reach they are; `null` where they are found by criteria. `/count` tells
    /// how many you reach.
    #[schema(required)]
    size: Option<usize>,
    /// Who made it.
    created_by: UserId,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<Segment> for SegmentView {
    fn from(segment: Segment) -> Self {
        let Segment {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            name,
            description,
            audience,
            created_by,
        } = segment;
        let (kind, criteria, size) = match audience {
            Audience::Criteria(conditions) => (SegmentKind::Dynamic, Some(conditions.written()), None),
            Audience::Leads(ids) => (SegmentKind::Static, None, Some(ids.len())),
        };
        Self { id, name, description, kind, criteria, size, created_by, created_at, updated_at, version }
    }
}

/// Shows a segment. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/segments/{id}", tag = "segments",
    params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<SegmentView>, headers(("ETag" = String)))),
)]
pub(crate) async fn segment_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SegmentId>,
) -> Result<Versioned<SegmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SegmentsRead)?;
    let segment: Segment = app.table().get(&grant, id).await?;
    let version = segment.meta.version;
    Ok(Versioned(segment.into(), version))
}

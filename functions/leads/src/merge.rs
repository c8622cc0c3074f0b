//! Merging two leads that are one person.

use axum::extract::State;
use domain::lead::MergePreview;
use domain::{Invalid, Lead, LeadId, Permission};
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, SignedIn};

/// Which lead goes into this one.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadMerge {
    /// The lead that goes; it is deleted and can be restored for 30 days.
    #[serde(default)]
    #[schema(value_type = LeadId, required)]
    merge_id: Field<LeadId>,
    /// Only show what would happen.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    dry_run: Field<bool>,
}

impl Fields for LeadMerge {
    const WRITES: &'static [&'static str] = &["merge_id", "dry_run"];
}

/// Tries against other writers of either lead.
const TRIES: u32 = 5;

/// Puts another lead into this one: what is empty here is filled from there. With `dry_run` nothing is
/// written. Costs 2 `GetItem` and 1 transaction.
#[utoipa::path(
    post, path = "/leads/{id}/merge", tag = "leads",
    params(("id" = LeadId, Path)),
    request_body = LeadMerge,
    responses((status = 200, body = Envelope<MergePreview>)),
)]
pub(crate) async fn lead_merge(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    Body(LeadMerge { merge_id, dry_run }): Body<LeadMerge>,
) -> Result<Data<MergePreview>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsDelete)?;
    let mut wrong = Vec::new();
    let merge_id = merge_id.required("merge_id", &mut wrong);
    let dry_run = dry_run.optional("dry_run", &mut wrong).unwrap_or(false);
    let Some(merge_id) = merge_id.filter(|_| wrong.is_empty()) else { return Err(wrong.into()) };
    if merge_id == id {
        return Err(Problem::field("merge_id", Invalid::new("same_record", "must be another lead")));
    }
    let pipeline = app.pipeline(&grant).await?;
    for _ in 0..TRIES {
        let (kept, gone) = tokio::try_join!(
            app.table().get_to_change::<Lead>(&grant, id),
            app.table().get_to_change::<Lead>(&grant, merge_id),
        )?;
        let (deletion, change) = kept.absorb(gone, &pipeline.pipeline, app.now());
        let changes = change.changes().into_iter().map(|change| grant.clear().change(change)).collect();
        let preview = MergePreview { id, merged: merge_id, changes };
        if dry_run {
            return Ok(Data(preview));
        }
        let mut transaction = app.table().transaction();
        transaction.push(&grant, deletion)?;
        transaction.push(&grant, change)?;
        match transaction.commit().await {
            Ok(()) => return Ok(Data(preview)),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

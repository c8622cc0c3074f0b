//! Moving a lead through the pipeline.

use axum::extract::State;
use domain::pipeline::{MoveContext, StageKey};
use domain::{FieldInvalid, Lead, LeadId, Note, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use views::LeadView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

/// The stage a lead goes to.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StatusChange {
    /// A stage's key.
    #[serde(default)]
    #[schema(value_type = String, required)]
    status: Field<String>,
    /// Needed to skip stages, to go back, to lose and to reopen.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    reason: Field<Note>,
}

impl Fields for StatusChange {
    const WRITES: &'static [&'static str] = &["status", "reason"];
}

/// Moves a lead to another stage: forward one at a time, or over several with the permission
/// `leads:skip_stage` and a reason; to lost from anywhere, and back, with a reason.
#[utoipa::path(
    post, path = "/leads/{id}/status", tag = "leads",
    params(("id" = LeadId, Path)),
    request_body = StatusChange,
    responses((status = 200, body = Envelope<LeadView>, headers(("ETag" = String)))),
)]
pub(crate) async fn lead_status_change(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    if_match: IfMatch,
    Body(StatusChange { status, reason }): Body<StatusChange>,
) -> Result<Versioned<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsWrite)?;
    let mut wrong = Vec::new();
    let to = status.required("status", &mut wrong).and_then(|text| {
        text.parse::<StageKey>().map_err(|invalid| wrong.push(FieldInvalid::new("status", invalid))).ok()
    });
    let reason = reason.optional("reason", &mut wrong);
    let Some(to) = to.filter(|_| wrong.is_empty()) else { return Err(wrong.into()) };
    let pipeline = app.pipeline(&grant).await?;
    let context =
        MoveContext { may_skip: grant.may(Permission::LeadsSkipStage), reason: reason.as_ref().map(Note::as_str) };
    let now = app.now();
    let lead = change(&app, &grant, id, if_match, &["status"], |lead: Lead| {
        lead.move_to(&to, &context, &pipeline.pipeline, now).map_err(|refused| Problem::invalid([refused.into()]))
    })
    .await?;
    let version = lead.meta.version;
    Ok(Versioned(LeadView::seen_by(&grant, lead), version))
}

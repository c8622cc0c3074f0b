//! `POST /suspicious-activities/{id}/acknowledge`.

use axum::extract::State;
use domain::{Permission, Prose, SuspiciousActivity, SuspiciousActivityId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::SuspiciousActivityView;

/// That somebody has looked.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Acknowledgement {
    /// What they found.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    note: Field<Prose<2_000>>,
}

impl Fields for Acknowledgement {
    const WRITES: &'static [&'static str] = &["note"];
}

/// Says that somebody has looked at a suspicious activity; only the first counts.
#[utoipa::path(
    post, path = "/suspicious-activities/{id}/acknowledge", tag = "audit",
    params(("id" = SuspiciousActivityId, Path)), request_body = Acknowledgement,
    responses((status = 200, description = "As it is now.", body = Envelope<SuspiciousActivityView>)),
)]
pub(crate) async fn suspicious_activity_acknowledge(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SuspiciousActivityId>,
    if_match: IfMatch,
    Body(body): Body<Acknowledgement>,
) -> Result<Versioned<SuspiciousActivityView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SecurityWrite)?, app.now());
    let mut wrong = Vec::new();
    let note = body.note.optional("note", &mut wrong).map(|note| note.to_string());
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let decide = |activity: SuspiciousActivity| {
        activity
            .acknowledge(signed_in.user, note.clone(), now)
            .map_err(|invalid| Problem::conflict(invalid.code, "Somebody has acknowledged it already."))
    };
    let activity = change(&app, &grant, id, if_match, &["note"], decide).await?;
    let version = activity.meta.version;
    Ok(Versioned(activity.into(), version))
}

//! `PUT /suppressions/{id}`.

use axum::extract::State;
use domain::outreach::SuppressionReason;
use domain::{FieldInvalid, Invalid, Line, Permission, Suppression, SuppressionId};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::wire::written;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::SuppressionView;

/// What of a suppression changes. Its address and channel stay.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SuppressionUpdate {
    #[serde(default)]
    #[schema(value_type = SuppressionReason)]
    reason: Field<SuppressionReason>,
    #[serde(default)]
    #[schema(value_type = Option<Line<255>>)]
    note: Field<Line<255>>,
    /// Until when; `null` for good.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Field<Timestamp>,
}

impl Fields for SuppressionUpdate {
    const WRITES: &'static [&'static str] = &["reason", "note", "expires_at"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "contact", "channel", "active", "suppressed_by", "created_at", "updated_at"];
}

/// Changes why an address or number is suppressed, and until when: 1 read, 1 transaction.
#[utoipa::path(
    put, path = "/suppressions/{id}", tag = "suppressions", params(("id" = SuppressionId, Path)),
    request_body = SuppressionUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<SuppressionView>)),
)]
pub(crate) async fn suppression_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SuppressionId>,
    if_match: IfMatch,
    Body(body): Body<SuppressionUpdate>,
) -> Result<Versioned<SuppressionView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SuppressionsWrite)?, app.now());
    let fields = written([
        ("reason", body.reason.is_present()),
        ("note", body.note.is_present()),
        ("expires_at", body.expires_at.is_present()),
    ]);
    let mut wrong = Vec::new();
    let reason = body.reason.replaced("reason", &mut wrong);
    let note = body.note.patch("note", &mut wrong);
    let expires_at = body.expires_at.patch("expires_at", &mut wrong);
    if expires_at.flatten().is_some_and(|at| at <= now) {
        wrong.push(FieldInvalid::new("expires_at", Invalid::new("in_the_past", "must be in the future")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let suppression = change(&app, &grant, id, if_match, &fields, |suppression: Suppression| {
        if suppression.lifted_at.is_some() {
            return Err(Problem::not_found());
        }
        Ok(suppression.update(reason, note.clone(), expires_at, now))
    })
    .await?;
    let version = suppression.meta.version;
    Ok(Versioned(SuppressionView::new(suppression, grant.clear(), now), version))
}

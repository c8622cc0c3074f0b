//! `POST /approvals/{id}/delegate`.

use axum::extract::State;
use domain::{ApprovalId, Invalid, Label, Line, Membership, UserId};
use serde::Deserialize;
use store::there;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::moving::move_on;
use super::view::{ApprovalView, seen};

/// Who decides instead.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ApprovalDelegate {
    /// Anybody of the organization who may come in.
    #[serde(default)]
    #[schema(value_type = UserId, required)]
    to: Field<UserId>,
    /// At most 255 characters.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    comment: Field<Line<255>>,
}

impl Fields for ApprovalDelegate {
    const WRITES: &'static [&'static str] = &["to", "comment"];
}

/// Has somebody else decide the current step in your place; they are told, and see the request from then on.
///
/// Neither whoever asked nor who decides or decided the step already: 422 `not_eligible`. A request is handed on 50 times
/// at most. Else refused as approving is. Costs 3 reads and 1 transaction.
#[utoipa::path(
    post, path = "/approvals/{id}/delegate", tag = "approvals",
    params(("id" = ApprovalId, Path)),
    request_body = ApprovalDelegate,
    responses((status = 200, body = Envelope<ApprovalView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_delegate(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalId>,
    if_match: IfMatch,
    Body(body): Body<ApprovalDelegate>,
) -> Result<Versioned<ApprovalView>, Problem> {
    let mut wrong = Vec::new();
    let to = body.to.required("to", &mut wrong);
    let comment = body.comment.optional("comment", &mut wrong);
    let (Some(to), true) = (to, wrong.is_empty()) else { return Err(wrong.into()) };
    // Who the people of the organization are is told to nobody who sees no request.
    seen(&app, &signed_in.own(), &signed_in, id).await?;
    let member: Option<Membership> = there(app.table().get(&signed_in.own(), Membership::id_of(to)).await)?;
    if !member.is_some_and(|member| member.is_active()) {
        return Err(Problem::field("to", Invalid::new("unknown_user", "is nobody who could decide this here")));
    }
    let (user, now) = (signed_in.user, app.now());
    move_on(&app, &signed_in, id, if_match, |_| None, |request, _| request.delegate(user, to, comment.clone(), now))
        .await
}

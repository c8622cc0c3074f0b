//! `POST /approvals/{id}/reject`.

use axum::extract::State;
use domain::ApprovalId;
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::moving::{Comment, move_on};
use super::view::ApprovalView;

/// Rejects the request, for the approvers of its current step: one of them is enough. A comment must say why. Refused as
/// approving is. Costs 1 read and 1 transaction.
#[utoipa::path(
    post, path = "/approvals/{id}/reject", tag = "approvals",
    params(("id" = ApprovalId, Path)),
    request_body = Comment,
    responses((status = 200, body = Envelope<ApprovalView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_reject(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalId>,
    if_match: IfMatch,
    Body(body): Body<Comment>,
) -> Result<Versioned<ApprovalView>, Problem> {
    let mut wrong = Vec::new();
    let Some(comment) = body.comment.required("comment", &mut wrong) else { return Err(wrong.into()) };
    let (user, now) = (signed_in.user, app.now());
    move_on(&app, &signed_in, id, if_match, |_| None, |request, _| request.reject(user, comment.clone(), now)).await
}

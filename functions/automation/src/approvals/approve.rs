//! `POST /approvals/{id}/approve`.

use axum::extract::State;
use domain::ApprovalId;
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::moving::{Comment, move_on};
use super::view::ApprovalView;

/// Approves the current step, for its approvers. Where that decides it, the next step begins in the same write, and the
/// last one approves the request.
///
/// 409 `already_decided` where you decided it, somebody else did before you, or the request is over; 403 `own_request` for
/// what you asked for yourself, and `not_an_approver` where you only see it. Costs 1 read, 1 to 4 where a step begins, and
/// 1 transaction.
#[utoipa::path(
    post, path = "/approvals/{id}/approve", tag = "approvals",
    params(("id" = ApprovalId, Path)),
    request_body = Comment,
    responses((status = 200, body = Envelope<ApprovalView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_approve(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalId>,
    if_match: IfMatch,
    Body(body): Body<Comment>,
) -> Result<Versioned<ApprovalView>, Problem> {
    let mut wrong = Vec::new();
    let comment = body.comment.optional("comment", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let (user, now) = (signed_in.user, app.now());
    let begins = |request: &domain::ApprovalRequest| {
        request.check(user).is_ok().then(|| request.begins_where_approved_by(user)).flatten()
    };
    move_on(&app, &signed_in, id, if_match, begins, |request, next| request.approve(user, comment.clone(), next, now))
        .await
}

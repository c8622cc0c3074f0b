//! `POST /approvals/{id}/cancel`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::{ApprovalId, Permission, Record as _};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::moving::{Comment, move_on};
use super::view::{ApprovalView, seen};

/// Takes a request back, for whoever asked, and for those who write approval workflows where it is in their reach.
/// 409 `already_decided` where it is over. Costs 2 reads and 1 transaction.
#[utoipa::path(
    post, path = "/approvals/{id}/cancel", tag = "approvals",
    params(("id" = ApprovalId, Path)),
    request_body = Comment,
    responses((status = 200, body = Envelope<ApprovalView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_cancel(
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
    let request = seen(&app, &signed_in.own(), &signed_in, id).await?;
    let writes = signed_in.caller.may(Permission::ApprovalsWrite)
        && signed_in.caller.rows().cover(request.branch(), request.owner());
    if request.requester != signed_in.user && !writes {
        let detail = "Whoever asked for it can take it back, and who writes approval workflows.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_the_requester", detail));
    }
    let now = app.now();
    move_on(&app, &signed_in, id, if_match, |_| None, |request, _| request.cancel(comment.clone(), now)).await
}

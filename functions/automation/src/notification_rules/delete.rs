//! `DELETE /notifications/rules/{id}`.

use axum::extract::State;
use domain::{Permission, WorkflowId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn};

use super::view::rule;
use crate::delete::deleted;

/// Deletes a rule for notifications. It can be restored for 30 days, as the automation that it is.
#[utoipa::path(
    delete, path = "/notifications/rules/{id}", tag = "notifications",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn notification_rule_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    rule(&app, &grant, id).await?;
    deleted(&app, &grant, id, if_match).await
}

//! `PUT /notifications/rules/{id}`.

use axum::extract::State;
use domain::{Permission, WorkflowId};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::body::{NotificationRuleBody, in_its_words};
use super::view::{NotificationRuleView, rule};
use crate::update::changed;

/// Changes a rule for notifications, or turns it off and on. With `If-Match`, 412 names the fields that others changed
/// meanwhile.
#[utoipa::path(
    put, path = "/notifications/rules/{id}", tag = "notifications",
    params(("id" = WorkflowId, Path)),
    request_body = NotificationRuleBody,
    responses((status = 200, body = Envelope<NotificationRuleView>, headers(("ETag" = String)))),
)]
pub(crate) async fn notification_rule_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    if_match: IfMatch,
    Body(body): Body<NotificationRuleBody>,
) -> Result<Versioned<NotificationRuleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let asked = body.read(Some(&rule(&app, &grant, id).await?));
    let workflow = changed(&app, &signed_in, &grant, id, if_match, &asked).await.map_err(in_its_words)?;
    NotificationRuleView::versioned(workflow)
}

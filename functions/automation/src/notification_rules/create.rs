//! `POST /notifications/rules`.

use axum::extract::State;
use domain::Permission;
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::body::{NotificationRuleBody, in_its_words};
use super::view::NotificationRuleView;
use crate::create::written;

/// Makes a rule for notifications: when an event comes, tell these people over these channels. It tells nobody beyond your
/// rows, and is followed from within half a minute on. Costs 1 Query, 2 `BatchGetItem` where it names people or roles, and 1
/// transaction.
#[utoipa::path(
    post, path = "/notifications/rules", tag = "notifications", request_body = NotificationRuleBody,
    responses((status = 201, body = Envelope<NotificationRuleView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn notification_rule_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NotificationRuleBody>,
) -> Result<Created<NotificationRuleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let details = body.read(None).details(&zone).map_err(|wrong| in_its_words(wrong.into()))?;
    let workflow = written(&app, &signed_in, &grant, details, None).await.map_err(in_its_words)?;
    let (version, location) = (workflow.meta.version, format!("/notifications/rules/{}", workflow.id));
    let data = NotificationRuleView::of(workflow).ok_or_else(Problem::not_found)?;
    Ok(Created { data, location, version })
}

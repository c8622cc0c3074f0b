//! A rule for notifications as it is shown; `GET /notifications/rules/{id}`.

use axum::extract::State;
use domain::automation::{Action, TriggerType, Who};
use domain::notification::{Channel, Channels};
use domain::{Grant, Label, Line, Note, NotificationType, Permission, Priority, UserId, Workflow, WorkflowId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// A rule for notifications.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationRule)]
pub(crate) struct NotificationRuleView {
    /// Its id, which is also its automation's.
    id: WorkflowId,
    /// What people call it.
    name: Label,
    /// When people are told.
    event: TriggerType,
    /// Of what records only, as it was written.
    #[schema(value_type = Value)]
    conditions: Value,
    /// Who is told.
    #[schema(value_type = Vec<String>)]
    to: Vec<Who>,
    /// Over which channels; `null` for what is usual for the type.
    #[schema(value_type = Option<Vec<Channel>>, required)]
    channels: Option<Channels>,
    /// One line.
    title: Line<255>,
    /// The rest.
    message: Note,
    /// How urgent it is.
    priority: Priority,
    /// What it is about.
    notification_type: NotificationType,
    /// Whether it is on.
    is_active: bool,
    /// Grows with each change of what it does.
    revision: u32,
    /// Who last wrote it: it tells nobody beyond their rows.
    updated_by: UserId,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl NotificationRuleView {
    /// The rule that an automation is; `None` where it does something else.
    pub(crate) fn of(workflow: Workflow) -> Option<Self> {
        let (is_active, is_rule) = (workflow.is_active(), workflow.only_notifies());
        let Workflow { meta, id, name, trigger, conditions, steps, revision, author, .. } = workflow;
        let step = steps.into_iter().next().filter(|_| is_rule)?;
        let Action::SendNotification { to, title, message, priority, notification_type, channels } = step.action else {
            return None;
        };
        Some(Self {
            id,
            name,
            event: trigger,
            conditions: conditions.written(),
            to,
            channels,
            title,
            message,
            priority,
            notification_type,
            is_active,
            revision,
            updated_by: author,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            version: meta.version,
        })
    }

    /// With its version; a problem where it is no rule.
    pub(crate) fn versioned(workflow: Workflow) -> Result<Versioned<Self>, Problem> {
        let version = workflow.meta.version;
        Self::of(workflow).map(|rule| Versioned(rule, version)).ok_or_else(Problem::not_found)
    }
}

/// The automation behind a rule; one that does something else is no rule, and 404: 1 `GetItem`.
pub(crate) async fn rule(app: &App, grant: &Grant, id: WorkflowId) -> Result<Workflow, Problem> {
    let workflow: Workflow = app.table().get(grant, id).await?;
    if workflow.only_notifies() { Ok(workflow) } else { Err(Problem::not_found()) }
}

/// Shows a rule for notifications. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/notifications/rules/{id}", tag = "notifications",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<NotificationRuleView>, headers(("ETag" = String)))),
)]
pub(crate) async fn notification_rule_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
) -> Result<Versioned<NotificationRuleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    NotificationRuleView::versioned(rule(&app, &grant, id).await?)
}

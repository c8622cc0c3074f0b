//! An automation as it is shown; `GET /automation/{id}` and `GET /automation/workflows/{id}`.

use axum::extract::State;
use domain::automation::{Schedule, TriggerType, WorkflowStatus, WorkflowTemplate};
use domain::{Label, Meta, Note, Permission, UserId, Workflow, WorkflowId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// What frontends send back of an automation and only we write.
pub(crate) const READ_ONLY: &[&str] =
    &["id", "revision", "template", "updated_by", "next_run_at", "created_at", "updated_at", "version"];

/// An automation, in the words of both products.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workflow)]
pub(crate) struct WorkflowView {
    /// Its id.
    id: WorkflowId,
    /// What people call it.
    name: Label,
    /// What it is for.
    #[schema(required)]
    description: Option<Note>,
    /// What sets it going.
    trigger: TriggerType,
    /// The same.
    trigger_type: TriggerType,
    /// When, where that is the clock.
    #[schema(required)]
    schedule: Option<Schedule>,
    /// For what records, as it was written: an object, or an expression.
    #[schema(value_type = Value)]
    conditions: Value,
    /// The same.
    #[schema(value_type = Value)]
    trigger_conditions: Value,
    /// What is done, in this order.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    /// Whether it is set going.
    status: WorkflowStatus,
    /// The same.
    is_active: bool,
    /// The same.
    is_enabled: bool,
    /// Of several that one event sets going, 1 begins before 2.
    priority: u32,
    /// Grows with each change of what it does; runs end on the one they began with.
    revision: u32,
    /// The template it was made from.
    #[schema(required)]
    template: Option<WorkflowTemplate>,
    /// Who last wrote what it does: it does nothing that they might not.
    updated_by: UserId,
    /// When the clock sets it going next.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_run_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<Workflow> for WorkflowView {
    fn from(workflow: Workflow) -> Self {
        let is_active = workflow.is_active();
        let Workflow {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            name,
            description,
            trigger,
            schedule,
            conditions,
            steps,
            status,
            rank,
            revision,
            template,
            author,
            rows: _,
            clear: _,
            may_skip: _,
            next_at,
        } = workflow;
        Self {
            id,
            name,
            description,
            trigger,
            trigger_type: trigger,
            schedule,
            conditions: conditions.written(),
            trigger_conditions: conditions.written(),
            actions: steps.iter().map(domain::automation::Step::written).collect(),
            status,
            is_active,
            is_enabled: is_active,
            priority: rank,
            revision,
            template,
            updated_by: author,
            next_run_at: next_at,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Shows an automation. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/automation/{id}", tag = "automation",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<WorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn automation_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
) -> Result<Versioned<WorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let workflow: Workflow = app.table().get(&grant, id).await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

/// Shows a workflow: the same as `GET /automation/{id}`.
#[utoipa::path(
    get, path = "/automation/workflows/{id}", tag = "automation",
    params(("id" = WorkflowId, Path)),
    responses((status = 200, body = Envelope<WorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn workflow_view(
    state: State<App>,
    signed_in: SignedIn,
    id: PathId<WorkflowId>,
) -> Result<Versioned<WorkflowView>, Problem> {
    automation_view(state, signed_in, id).await
}

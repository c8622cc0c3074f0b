//! An approval workflow as it is shown; `GET /approval-workflows/{id}`.

use axum::extract::State;
use domain::approval::ApprovalStep;
use domain::{ApprovalWorkflow, ApprovalWorkflowId, Label, Meta, Note, Permission};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// An approval workflow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalWorkflow)]
pub(crate) struct ApprovalWorkflowView {
    /// Its id.
    id: ApprovalWorkflowId,
    /// What people call it.
    name: Label,
    /// What it is for.
    #[schema(required)]
    description: Option<Note>,
    /// Whether it can be asked for.
    enabled: bool,
    /// Whether whoever asks may decide too, where they are an approver.
    allow_self: bool,
    /// Who decides, in this order.
    steps: Vec<ApprovalStep>,
    /// Grows with each change of the steps; what was asked for ends by those it began with.
    revision: u32,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<ApprovalWorkflow> for ApprovalWorkflowView {
    fn from(workflow: ApprovalWorkflow) -> Self {
        let ApprovalWorkflow {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            name,
            description,
            enabled,
            allow_self,
            steps,
            revision,
        } = workflow;
        Self { id, name, description, enabled, allow_self, steps, revision, created_at, updated_at, version }
    }
}

/// Shows an approval workflow. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/approval-workflows/{id}", tag = "approvals",
    params(("id" = ApprovalWorkflowId, Path)),
    responses((status = 200, body = Envelope<ApprovalWorkflowView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_workflow_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalWorkflowId>,
) -> Result<Versioned<ApprovalWorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsRead)?;
    let workflow: ApprovalWorkflow = app.table().get(&grant, id).await?;
    let version = workflow.meta.version;
    Ok(Versioned(workflow.into(), version))
}

//! `POST /approvals`.

use axum::extract::State;
use domain::approval::Asking;
use domain::{
    ApprovalId, ApprovalRequest, ApprovalWorkflow, ApprovalWorkflowId, BranchId, CustomFields, FieldInvalid, Grant,
    Invalid, Label, LeadId, Note, Permission,
};
use runtime::ApprovalOrigin;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::ReadError;
use utoipa::ToSchema;
use web::members::{branch_for, named_lead};
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::view::ApprovalView;

/// What somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ApprovalCreate {
    /// The workflow that it follows.
    #[serde(default)]
    #[schema(value_type = ApprovalWorkflowId, required)]
    workflow_id: Field<ApprovalWorkflowId>,
    /// What is asked for, in a few words.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    title: Field<Label>,
    /// And why.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    reason: Field<Note>,
    /// The lead it is about.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// Where it belongs where it is about no lead: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
    /// What whoever decides should know, in fields of your own.
    #[serde(default)]
    #[schema(value_type = Option<CustomFields>)]
    data: Field<Map<String, Value>>,
}

impl Fields for ApprovalCreate {
    const WRITES: &'static [&'static str] = &["workflow_id", "title", "reason", "lead_id", "branch_id", "data"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "requester_id",
        "workflow",
        "steps",
        "state",
        "current_step",
        "needs",
        "pending_approvers",
        "decisions",
        "mine_to_decide",
        "step_started_at",
        "deadline_at",
        "created_at",
        "updated_at",
        "ended_at",
        "version",
    ];
}

struct Wanted {
    workflow: ApprovalWorkflowId,
    title: Label,
    reason: Option<Note>,
    lead: Option<LeadId>,
    branch: Option<BranchId>,
    data: CustomFields,
}

impl ApprovalCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let workflow = self.workflow_id.required("workflow_id", w);
        let title = self.title.required("title", w);
        let reason = self.reason.optional("reason", w);
        let lead = self.lead_id.optional("lead_id", w);
        let branch = self.branch_id.optional("branch_id", w);
        let data = self.data.optional("data", w).map(CustomFields::new).transpose().unwrap_or_else(|errors| {
            w.extend(errors.into_iter().map(|error| error.under("custom_fields", "data")));
            None
        });
        match (workflow, title) {
            (Some(workflow), Some(title)) if wrong.is_empty() => {
                Ok(Wanted { workflow, title, reason, lead, branch, data: data.unwrap_or_default() })
            }
            _ => Err(wrong),
        }
    }
}

/// Asks for something. Its first step begins, and its approvers are told. It goes by the workflow's steps as they are now.
///
/// 409 `disabled` where the workflow cannot be asked for, and `no_approver` where nobody could decide it. Costs 1 read for
/// the workflow, 1 for a lead, 1 to 4 for those who decide, and 1 transaction.
#[utoipa::path(
    post, path = "/approvals", tag = "approvals", request_body = ApprovalCreate,
    responses((status = 201, body = Envelope<ApprovalView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn approval_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<ApprovalCreate>,
) -> Result<Created<ApprovalView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsRequest)?;
    let Wanted { workflow, title, reason, lead, branch, data } = body.parse()?;
    let workflow = named_workflow(&app, &grant, workflow).await?;
    if !workflow.enabled {
        return Err(Problem::conflict("disabled", "The approval workflow is disabled."));
    }
    let branch = match lead {
        Some(lead) => named_lead(&app, &grant, lead, "lead_id").await?.branch_id,
        None => branch_for(&app, &grant, &signed_in, branch).await?,
    };
    let requester = signed_in.user;
    let origin = ApprovalOrigin { requester, branch, allow_self: workflow.allow_self };
    let first = match workflow.steps.first() {
        Some(step) => app.platform().approvers_of(&grant, origin, step).await?,
        None => Vec::new(),
    };
    if first.is_empty() {
        return Err(Problem::conflict("no_approver", "There is nobody who could decide this."));
    }
    let now = app.now();
    let id = ApprovalId::at(now, app.platform().random());
    let organization = grant.organization();
    let asking = Asking { id, organization, branch, requester, lead, title, reason, data };
    let change = ApprovalRequest::ask(asking, &workflow, &first, now);
    // Whoever asks for a lead of another's, or in a branch of theirs, still asks themselves.
    let request = app.platform().commit_approval(&grant.everywhere(), change).await?;
    let version = request.meta.version;
    let data = ApprovalView::of(request, signed_in.user);
    Ok(Created { data, location: format!("/approvals/{id}"), version })
}

/// The workflow that a body names: 1 read; a 422 where there is none.
async fn named_workflow(app: &App, grant: &Grant, id: ApprovalWorkflowId) -> Result<ApprovalWorkflow, Problem> {
    match app.table().get_to_change(grant, id).await {
        Ok(workflow) => Ok(workflow),
        Err(ReadError::NotFound) => {
            Err(Problem::field("workflow_id", Invalid::new("unknown_workflow", "is no approval workflow")))
        }
        Err(error) => Err(error.into()),
    }
}

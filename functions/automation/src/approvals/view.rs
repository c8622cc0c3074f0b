//! A request as it is shown; `GET /approvals/{id}`.

use axum::extract::State;
use domain::approval::{ApprovalState, ApprovalStep, Decision, Needs, WorkflowRef};
use domain::{
    ApprovalId, ApprovalRequest, BranchId, CustomFields, Grant, Label, LeadId, Meta, Note, Permission, Record as _,
    UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Something that somebody asked others to approve.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalView {
    /// Its id.
    id: ApprovalId,
    /// The branch it belongs to.
    branch_id: BranchId,
    /// Who asked.
    requester_id: UserId,
    /// The lead it is about.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// What is asked for, in a few words.
    title: Label,
    /// And why.
    #[schema(required)]
    reason: Option<Note>,
    /// What whoever decides should know.
    data: CustomFields,
    /// The workflow that it follows, as it was.
    workflow: WorkflowRef,
    /// Its steps, as they were.
    steps: Vec<ApprovalStep>,
    /// Where it stands.
    state: ApprovalState,
    /// The current step, from 0; the last one where it is over.
    current_step: u32,
    /// How many of those who have to decide that step must approve.
    needs: Needs,
    /// Who still has to decide it.
    pending_approvers: Vec<UserId>,
    /// What was decided so far.
    decisions: Vec<Decision>,
    /// Whether you have to decide now.
    mine_to_decide: bool,
    /// When the current step began.
    #[schema(value_type = String, format = DateTime)]
    step_started_at: Timestamp,
    /// When the clock does what the step says of its deadline, or reminds again.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    deadline_at: Option<Timestamp>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    ended_at: Option<Timestamp>,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl ApprovalView {
    /// A request as somebody sees it.
    pub(super) fn of(request: ApprovalRequest, viewer: UserId) -> Self {
        let mine_to_decide = request.waits_for(viewer);
        let ApprovalRequest {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            requester,
            lead_id,
            title,
            reason,
            data,
            workflow,
            steps,
            allow_self: _,
            state,
            step,
            needs,
            pending,
            approvers: _,
            decisions,
            step_started_at,
            reminded: _,
            look_at,
            ended_at,
        } = request;
        Self {
            id,
            branch_id,
            requester_id: requester,
            lead_id,
            title,
            reason,
            data,
            workflow,
            steps,
            state,
            current_step: step,
            needs,
            pending_approvers: pending.into_iter().map(|pending| pending.user).collect(),
            decisions,
            mine_to_decide,
            step_started_at,
            deadline_at: look_at,
            created_at,
            updated_at,
            ended_at,
            version,
        }
    }
}

/// A request that somebody sees: who asked, everybody who had to decide, and who may see approvals where it is in their
/// reach. For everybody else there is nothing. 1 read.
pub(super) async fn seen(
    app: &App,
    grant: &Grant,
    signed_in: &SignedIn,
    id: ApprovalId,
) -> Result<ApprovalRequest, Problem> {
    let request = app.platform().approval(grant, id).await?.ok_or_else(Problem::not_found)?;
    let in_reach = signed_in.caller.may(Permission::ApprovalsRead)
        && signed_in.caller.rows().cover(request.branch(), request.owner());
    if request.concerns(signed_in.user) || in_reach { Ok(request) } else { Err(Problem::not_found()) }
}

/// Shows a request to whoever asked, to those who had to decide, and to those who may see approvals and reach it. Costs 1
/// `GetItem`.
#[utoipa::path(
    get, path = "/approvals/{id}", tag = "approvals",
    params(("id" = ApprovalId, Path)),
    responses((status = 200, body = Envelope<ApprovalView>, headers(("ETag" = String)))),
)]
pub(crate) async fn approval_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApprovalId>,
) -> Result<Versioned<ApprovalView>, Problem> {
    let request = seen(&app, &signed_in.own(), &signed_in, id).await?;
    let version = request.meta.version;
    Ok(Versioned(ApprovalView::of(request, signed_in.user), version))
}

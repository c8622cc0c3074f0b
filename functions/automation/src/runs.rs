//! `GET /automation/{id}/runs`, `GET /automation/runs/{id}`.

use axum::extract::State;
use domain::automation::{EventRef, Link, Plan, RunStatus, StepResult, Subject};
use domain::{
    FieldInvalid, Label, List, Meta, Permission, Slot, UserId, Workflow, WorkflowId, WorkflowRun, WorkflowRunId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn, Versioned};

/// One time that an automation was set going, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkflowRun)]
pub(crate) struct RunView {
    /// Its id.
    id: WorkflowRunId,
    /// The automation.
    workflow_id: WorkflowId,
    /// Its name then.
    workflow_name: Label,
    /// The revision that it ends on.
    revision: u32,
    /// What it is about.
    #[schema(required)]
    subject: Option<Subject>,
    /// The event that set it going.
    #[schema(required)]
    event: Option<EventRef>,
    /// The person who did.
    #[schema(required)]
    started_by: Option<UserId>,
    /// The automations that led to it, itself the last.
    chain: Vec<Link>,
    /// Where it stands.
    status: RunStatus,
    /// Why it did not begin or ended early, as a code.
    #[schema(required)]
    reason: Option<String>,
    /// The next step, from 0.
    next_step: u32,
    /// How many steps it has.
    steps: u32,
    /// When the next step's time is, where it waits for it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    waits_until: Option<Timestamp>,
    /// What came of the steps so far.
    results: Vec<StepResult>,
    /// How many runs it set going, where it goes through the leads.
    #[schema(required)]
    runs_begun: Option<u32>,
    /// When it was set going.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

impl From<WorkflowRun> for RunView {
    fn from(run: WorkflowRun) -> Self {
        let WorkflowRun {
            meta: Meta { created_at, .. },
            id,
            plan: Plan { workflow, name, revision, steps, .. },
            subject,
            branch_id: _,
            owner: _,
            event,
            started_by,
            chain,
            previous: _,
            sweep,
            status,
            next,
            wake_at,
            held_since: _,
            look_at: _,
            results,
            reason,
            finished_at,
        } = run;
        Self {
            id,
            workflow_id: workflow,
            workflow_name: name,
            revision,
            subject,
            event,
            started_by,
            chain,
            status,
            reason,
            next_step: next,
            steps: u32::try_from(steps.len()).unwrap_or(u32::MAX),
            waits_until: wake_at,
            results,
            runs_begun: sweep.map(|sweep| sweep.begun),
            started_at: created_at,
            finished_at,
        }
    }
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunList {
    /// The runs.
    runs: Vec<RunView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists the runs of an automation about records that you reach, newest first; they are kept for 90 days after their end.
/// Costs 1 read and 1 Query.
#[utoipa::path(
    get, path = "/automation/{id}/runs", tag = "automation",
    params(
        ("id" = WorkflowId, Path),
        PageQuery,
        ("status" = Option<String>, Query, description = "Where they stand; `all` means any."),
    ),
    responses((status = 200, body = Envelope<RunList>)),
)]
pub(crate) async fn automation_run_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    params: Params,
) -> Result<Data<RunList>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let status = match params.get("status") {
        None | Some("all") => None,
        Some(text) => {
            let status: Result<RunStatus, _> = text.parse();
            Some(status.map_err(|invalid| Problem::invalid([FieldInvalid::new("status", invalid)]))?)
        }
    };
    let workflow: Workflow = app.table().get(&grant, id).await?;
    let list = List::new(Slot::One, "workflow", workflow.id);
    let keep = |run: &WorkflowRun| status.is_none_or(|status| run.status == status);
    // Nobody counts runs, as they go by themselves.
    let (runs, pagination) = page_of(&app, &grant, &params, &list, Shown::Filtered, keep).await?;
    Ok(Data(RunList { runs: runs.into_iter().map(RunView::from).collect(), pagination }))
}

/// Shows a run. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/automation/runs/{id}", tag = "automation",
    params(("id" = WorkflowRunId, Path)),
    responses((status = 200, body = Envelope<RunView>, headers(("ETag" = String)))),
)]
pub(crate) async fn automation_run_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowRunId>,
) -> Result<Versioned<RunView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let run: WorkflowRun = app.table().get(&grant, id).await?;
    let version = run.meta.version;
    Ok(Versioned(run.into(), version))
}

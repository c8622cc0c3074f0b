//! `POST /automation/workflows/{id}/execute`.

use axum::extract::State;
use domain::automation::{Begun, Seen, TriggerType};
use domain::{CallId, LeadId, Permission, ReminderId, Workflow, WorkflowId, WorkflowRun, WorkflowRunId};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, FromWire, PathId, Problem, SignedIn};

use crate::runs::RunView;
use crate::subject::{Named, seen};

/// What an automation is set going for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WorkflowExecute)]
pub(crate) struct Execute {
    /// `lead_id`, `call_id` or `reminder_id`: the record that it is about.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    trigger_data: Field<Map<String, Value>>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<CallId>)]
    call_id: Field<CallId>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<ReminderId>)]
    reminder_id: Field<ReminderId>,
}

impl Fields for Execute {
    const WRITES: &'static [&'static str] = &["trigger_data", "lead_id", "call_id", "reminder_id"];
}

fn field<T: FromWire>(data: &Map<String, Value>, name: &str, own: Field<T>) -> Field<T> {
    match data.get(name) {
        Some(Value::Null) | None => own,
        Some(value) => T::from_wire(value.clone()).map_or_else(Field::Wrong, Field::Given),
    }
}

/// Sets an automation going for a record, whatever its trigger. A record that does not meet its conditions is passed over:
/// the run is `skipped`. 409 `paused` where the automation is paused. Costs 2 to 4 reads, 1 write and 1 message.
#[utoipa::path(
    post, path = "/automation/workflows/{id}/execute", tag = "automation",
    params(("id" = WorkflowId, Path)),
    request_body = Execute,
    responses((status = 201, body = Envelope<RunView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn workflow_execute(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WorkflowId>,
    Body(body): Body<Execute>,
) -> Result<Created<RunView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationExecute)?;
    let mut wrong = Vec::new();
    let data = body.trigger_data.optional("trigger_data", &mut wrong).unwrap_or_default();
    let named = Named::read(
        field(&data, "lead_id", body.lead_id),
        field(&data, "call_id", body.call_id),
        field(&data, "reminder_id", body.reminder_id),
        &mut wrong,
    );
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let workflow: Workflow = app.table().get(&grant, id).await?;
    if !workflow.is_active() {
        return Err(Problem::conflict("paused", "The automation is paused."));
    }
    let subject = named.of(workflow.subject())?;
    let sweeps = subject.is_none() && workflow.schedule.is_some_and(|schedule| schedule.for_each_lead);
    let alone = matches!(workflow.trigger, TriggerType::Schedule | TriggerType::Manual);
    let found = match &subject {
        Some(subject) => seen(&app, &grant, &workflow, subject).await?,
        None if alone => Seen::default(),
        None => {
            let name = format!("{}_id", workflow.subject());
            return Err(Problem::field(&name, domain::Invalid::required()));
        }
    };
    let now = app.now();
    let view = found.view(workflow.clear, &Map::new(), now);
    let met = sweeps || workflow.conditions.met(workflow.subject(), &view);
    let begun = Begun {
        subject,
        branch: found.branch(),
        owner: found.owner(),
        by: Some(signed_in.user),
        sweeps,
        skipped: (!met).then_some("conditions"),
        ..Begun::default()
    };
    let run_id = WorkflowRunId::at(now, app.platform().random());
    let change = WorkflowRun::begin(run_id, grant.organization(), workflow.plan(), begun, now);
    let run = change.after.clone();
    let step = app.platform().begin_run(&grant, change).await?;
    app.platform().send_runs(step.as_slice()).await;
    Ok(Created { data: run.into(), location: format!("/automation/runs/{run_id}"), version: 1 })
}

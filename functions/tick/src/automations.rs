//! Automations that the clock sets going, and runs whose next step has its time or that came to rest.

use domain::automation::{Begun, RunStep, TriggerType};
use domain::{Caller, Organization, Record as _, Workflow, WorkflowRun};
use runtime::Platform;
use store::{CommitError, Due, ReadError, Refused};

use crate::TickError;

/// Sets an automation going by its schedule, once for each of its times: 2 reads, 1 transaction, 1 message. Times that
/// were missed are one.
pub(crate) async fn set_going(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let now = platform.now();
    let workflow: Workflow = match platform.table().get_to_change(&grant, due.id.parse()?).await {
        Ok(workflow) => workflow,
        Err(ReadError::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // The index is a moment behind: it may have been paused, or set going by another clock.
    let Some(at) = workflow.due().filter(|at| *at <= now) else { return Ok(()) };
    let zone = platform.table().get::<Organization>(&grant, due.organization).await?.time_zone();
    let sweeps = workflow.schedule.is_some_and(|schedule| schedule.for_each_lead);
    let begun = Begun { sweeps, ..Begun::default() };
    let id = platform.run_id(at, [&workflow.id.to_string(), TriggerType::Schedule.as_str()]);
    let run = WorkflowRun::begin(id, due.organization, workflow.plan(), begun, now);
    let mut transaction = platform.table().transaction();
    transaction.push(&grant, run)?;
    transaction.push_unseen(&grant, workflow.came_due(&zone, now))?;
    match transaction.commit().await {
        Ok(()) => platform.send_runs(&[RunStep { organization: due.organization, run: id }]).await,
        // Somebody changed it at the same time, or another clock was faster: the next minute sees.
        Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Sends a run's message and gives it another lease: 1 read, 1 message, 1 write. A message that was not lost after all
/// does no harm.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let run: WorkflowRun = match platform.table().get_to_change(&grant, due.id.parse()?).await {
        Ok(run) => run,
        Err(ReadError::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // The index is a moment behind: it may have moved meanwhile.
    if run.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    platform.automations()?.send(&RunStep { organization: due.organization, run: run.id }).await?;
    match platform.table().commit(&grant, run.looked_after(platform.now())).await {
        // Whoever changed it at the same time moved it.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

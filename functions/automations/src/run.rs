//! A run goes on: step by step, until its end or until a step that has its time.

use std::pin::Pin;
use std::time::Duration;

use domain::automation::{MAX_STEPS, PlanSource, RunStep, Seen, StepOutcome, Unfit, intend};
use domain::{Caller, Change, Grant, Workflow, WorkflowRun};
use runtime::Platform;
use serde_json::Value;
use store::{CommitError, ReadError, Refused, StoreError};

use crate::perform::{Prepared, prepare};
use crate::{Undone, sweep};

/// Moves of a run in one message, those that crossed others included; a step may wait and then be done.
const MOVES: usize = 3 * MAX_STEPS;
/// The rest after a move that crossed another.
const REST: Duration = Duration::from_millis(5);

/// What became of a move.
enum Moved {
    /// There may be another.
    On,
    /// Somebody changed one of the records at the same time.
    Crossed,
}

/// Goes on with a run: 2 reads, then for each step 2 to 5 reads and 1 transaction.
pub(crate) async fn go_on(platform: &Platform, step: RunStep) -> Result<(), Undone> {
    let grant = Caller::system(step.organization, "automations").own();
    let mut allowed = false;
    for _ in 0..MOVES {
        let run: WorkflowRun = match platform.table().get_to_change(&grant, step.run).await {
            Ok(run) => run,
            Err(ReadError::NotFound) => {
                tracing::warn!(run = %step.run, "a run to go on with is not there");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if !run.is_ready(platform.now()) {
            return Ok(());
        }
        let moved = match stopped(platform, &grant, &run, allowed).await? {
            Some(change) => write(platform, &grant, change, None).await?,
            None => Box::pin(advance(platform, &grant, run)).await?,
        };
        allowed = true;
        if matches!(moved, Moved::Crossed) {
            tokio::time::sleep(REST).await;
        }
    }
    Err(Undone::Crossed)
}

/// What becomes of a run whose automation was deleted or is paused: 1 read a message.
async fn stopped(
    platform: &Platform,
    grant: &Grant,
    run: &WorkflowRun,
    allowed: bool,
) -> Result<Option<Change<WorkflowRun>>, Undone> {
    if allowed || run.plan.source != PlanSource::Workflow {
        return Ok(None);
    }
    let now = platform.now();
    match platform.table().get_to_change::<Workflow>(grant, run.plan.workflow).await {
        Ok(workflow) if workflow.is_active() => Ok(None),
        Ok(_) => Ok(Some(run.clone().held(now))),
        Err(ReadError::NotFound) => Ok(Some(run.clone().cancelled("deleted", now))),
        Err(error) => Err(error.into()),
    }
}

async fn advance(platform: &Platform, grant: &Grant, run: WorkflowRun) -> Result<Moved, Undone> {
    let now = platform.now();
    if run.sweep.is_some() {
        let change = sweep::page(platform, grant, run).await?;
        return write(platform, grant, change, None).await;
    }
    if let Some(until) = run.not_before(now) {
        return write(platform, grant, run.wait(until, now), None).await;
    }
    let Some(step) = run.step().cloned() else {
        return write(platform, grant, run.cancelled("no_steps", now), None).await;
    };
    let Some(seen) = seen(platform, grant, &run).await? else {
        return write(platform, grant, run.cancelled("subject_gone", now), None).await;
    };
    let view = seen.view(run.plan.clear, &run.previous, now);
    if !step.conditions.met(run.plan.subject, &view) {
        let change = run.stepped(StepOutcome::Skipped, Some("conditions".into()), Vec::new(), None, now);
        return write(platform, grant, change, None).await;
    }
    let prepared = match intend(&run.plan, &step, &seen, &view, now) {
        Ok(intent) => prepare(platform, grant, &run, &seen, intent).await?,
        Err(unfit) => Err(unfit),
    };
    match prepared {
        Ok(Prepared { deferred: Some(until), .. }) => write(platform, grant, run.wait(until, now), None).await,
        Ok(mut prepared) => {
            let (detail, ids, until) = (prepared.detail.take(), std::mem::take(&mut prepared.ids), prepared.until);
            write(platform, grant, run.stepped(StepOutcome::Done, detail, ids, until, now), Some(prepared)).await
        }
        Err(Unfit { code, needless, refused }) => {
            let outcome = if needless { StepOutcome::Skipped } else { StepOutcome::Failed };
            let prepared = refused.then(|| Prepared::refused(code));
            write(platform, grant, run.stepped(outcome, Some(code.to_owned()), Vec::new(), None, now), prepared).await
        }
    }
}

/// What the run is about, within the rows of whoever wrote its automation; `None` where that is gone.
async fn seen(platform: &Platform, grant: &Grant, run: &WorkflowRun) -> Result<Option<Seen>, StoreError> {
    match &run.subject {
        Some(subject) => {
            let seen = platform.table().seen(grant, subject).await?;
            Ok(seen.and_then(|seen| seen.within(&run.plan.rows)))
        }
        None => Ok(Some(Seen::default())),
    }
}

/// Writes the run's move together with what its step changes. Boxed, as the two are large.
fn write<'a>(
    platform: &'a Platform,
    grant: &'a Grant,
    run: Change<WorkflowRun>,
    prepared: Option<Prepared>,
) -> Pin<Box<dyn Future<Output = Result<Moved, Undone>> + Send + 'a>> {
    Box::pin(async move {
        let mut transaction = platform.table().transaction();
        if let Some(prepared) = prepared {
            prepared.push(&mut transaction, grant, platform.now())?;
        }
        transaction.push(grant, run)?;
        match transaction.commit().await {
            Ok(()) => Ok(Moved::On),
            // Another worker did the same step, somebody changed the record, or another message took the last place
            // under the cap: all is read anew.
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists | Refused::Guard, .. }) => {
                Ok(Moved::Crossed)
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// What a webhook is told beside the record.
pub(crate) fn about(run: &WorkflowRun, payload: Value) -> Value {
    let mut payload = payload;
    payload["run_id"] = run.id.to_string().into();
    payload["event"] = serde_json::to_value(&run.event).unwrap_or_default();
    payload
}

//! Clocks of service levels whose next moment has come.

use domain::automation::{Begun, RunStep, Subject};
use domain::{Caller, Grant, Lead, LeadPipeline, SlaClock, SlaPolicy, WorkflowRun};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Moments of a clock dealt with at once; a clock has fewer.
const MOMENTS: usize = 16;

/// Moves a clock over each of its moments that has come, one after the other: 4 reads, and for each 1 transaction of its
/// move and the run of the automation engine that does what is to be done.
///
/// The run's id is derived from the clock and the moment, and the move holds only if nobody else made it: whoever dies,
/// and however many clocks of ours there are, each moment has its effect once.
pub(crate) async fn move_on(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let (table, now) = (platform.table(), platform.now());
    let Some(mut clock): Option<SlaClock> = there(table.get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have moved or come to its end meanwhile.
    if clock.moment().is_none_or(|moment| moment.at > now) {
        return Ok(());
    }
    if let Some(ended) = ended(platform, &grant, &clock).await? {
        return match table.commit(&grant, ended).await {
            Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
            Err(error) => Err(error.into()),
        };
    }
    let mut steps = Vec::new();
    for _ in 0..MOMENTS {
        let (place, at) = (clock.next, clock.moment().map(|moment| moment.at));
        let (Some(passed), Some(at)) = (clock.clone().pass(now), at) else { break };
        let (mut transaction, mut step) = (table.transaction(), None);
        if let Some(plan) = passed.plan {
            let id = platform.run_id(at, [&clock.id.to_string(), &place.to_string()]);
            let begun = Begun {
                subject: Some(Subject::Lead(clock.lead_id)),
                branch: Some(clock.branch_id),
                owner: clock.assigned_to,
                ..Begun::default()
            };
            transaction.push(&grant, WorkflowRun::begin(id, due.organization, plan, begun, now))?;
            step = Some(RunStep { organization: due.organization, run: id });
        }
        clock = transaction.push(&grant, passed.change)?;
        match transaction.commit().await {
            Ok(()) => steps.extend(step),
            // Another clock was faster, or what stops it came at this moment: the next minute sees.
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => break,
            Err(error) => {
                platform.send_runs(&steps).await;
                return Err(error.into());
            }
        }
    }
    platform.send_runs(&steps).await;
    Ok(())
}

/// What ends a clock whose end nobody told: its policy or its lead is gone, or the lead stands where it should. 3 reads.
async fn ended(
    platform: &Platform,
    grant: &Grant,
    clock: &SlaClock,
) -> Result<Option<domain::Change<SlaClock>>, TickError> {
    let (table, now) = (platform.table(), platform.now());
    if there::<SlaPolicy>(table.get_to_change(grant, clock.policy).await)?.is_none() {
        return Ok(Some(clock.clone().cancel("policy_deleted", now)));
    }
    let Some(lead): Option<Lead> = there(table.get_to_change(grant, clock.lead_id).await)? else {
        return Ok(Some(clock.clone().cancel("lead_gone", now)));
    };
    let pipeline: LeadPipeline = table.get(grant, LeadPipeline::id_of(grant.organization())).await?;
    let met = clock.resolved_in(&lead.status, &pipeline.pipeline);
    Ok(met.then(|| clock.clone().met(lead.dwell.since().max(clock.started_at), now)))
}

//! Events that set automations going.
//!
//! A run has an id derived from the event and the automation, so that an event which comes again, late, or to two workers
//! at the same time, makes none twice. Handing runs to their queue holds nothing up: the clock finds what it did not take.

use domain::automation::{Begun, EventRef, MAX_RUNS_AN_EVENT, RunStep, Seen, Subject, chain_of, previous, refused};
use domain::{Caller, Event, Grant, Workflow, WorkflowRun};
use runtime::Platform;

use crate::error::Unfollowed;
use crate::happened::Happened;

/// Sets going what the new events among the changes ask for. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    let mut steps = Vec::new();
    let mut failed = None;
    for Happened { place, event } in events {
        match set_going(platform, event).await {
            Ok(begun) => steps.extend(begun),
            Err(error) => {
                tracing::error!(event = event.kind, subject = event.subject, %error, "no automation was set going");
                failed = Some(*place);
                break;
            }
        }
    }
    platform.send_runs(&steps).await;
    failed
}

/// Begins a run of each automation that the event fits: nothing where the organization has none of these; else 1 or 2
/// reads, and 1 write for each.
async fn set_going(platform: &Platform, event: &Event) -> Result<Vec<RunStep>, Unfollowed> {
    let Some(subject) = Subject::of(event)? else { return Ok(Vec::new()) };
    let grant = Caller::system(event.organization, "events").own();
    let workflows = platform.active_workflows(&grant).await?;
    let fitting: Vec<&Workflow> = workflows.iter().filter(|workflow| workflow.trigger.fits(event)).collect();
    if fitting.is_empty() {
        return Ok(Vec::new());
    }
    let Some(seen) = platform.table().seen(&grant, &subject).await? else { return Ok(Vec::new()) };
    let mut steps = Vec::new();
    let mut begun = 0;
    for workflow in fitting {
        let Some(seen) = seen.clone().within(&workflow.rows) else { continue };
        let view = seen.view(workflow.clear, &previous(event), platform.now());
        if !workflow.conditions.met(workflow.subject(), &view) {
            continue;
        }
        let chain = chain_of(event);
        let too_many = (begun >= MAX_RUNS_AN_EVENT).then_some("too_many_runs");
        let skipped = refused(&chain, workflow.id, &subject.id()).or(too_many);
        begun += usize::from(skipped.is_none());
        steps.extend(begin(platform, &grant, event, (workflow, subject, &seen), skipped).await?);
    }
    Ok(steps)
}

/// A run that must not begin is kept too, with the reason.
async fn begin(
    platform: &Platform,
    grant: &Grant,
    event: &Event,
    (workflow, subject, seen): (&Workflow, Subject, &Seen),
    skipped: Option<&'static str>,
) -> Result<Option<RunStep>, Unfollowed> {
    if let Some(reason) = skipped {
        tracing::warn!(workflow = %workflow.id, event = event.kind, reason, "an automation is not set going");
    }
    let begun = Begun {
        subject: Some(subject),
        branch: seen.branch(),
        owner: seen.owner(),
        event: Some(EventRef { id: event.id, kind: event.kind.clone() }),
        by: None,
        chain: chain_of(event),
        previous: previous(event),
        sweeps: false,
        skipped,
    };
    let id = platform.run_id(event.at, [&event.id.to_string(), &workflow.id.to_string()]);
    let run = WorkflowRun::begin(id, event.organization, workflow.plan(), begun, platform.now());
    Ok(platform.begin_run(grant, run).await?)
}

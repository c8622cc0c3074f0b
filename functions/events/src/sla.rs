//! Events that start and stop the clocks of service levels.
//!
//! A clock has an id derived from the policy, the target and the lead, so that an event which comes again, late, or to two
//! workers at the same time, starts none twice, and what stops one finds it without a list that lags behind.

use std::collections::HashMap;
use std::num::NonZeroU32;

use domain::automation::{Seen, TriggerType};
use domain::pipeline::{Pipeline, StageKey};
use domain::sla::{Of, Starting, StartsAt, TargetKind};
use domain::{
    Call, Caller, Change, Event, Grant, Lead, LeadId, LeadPipeline, Record as _, SlaClock, SlaClockId, SlaPolicy, Slot,
};
use jiff::Timestamp;
use runtime::Platform;
use serde_json::{Map, Value};
use store::{CommitError, ListQuery, Refused, there};

use crate::error::Unfollowed;
use crate::happened::Happened;

/// Tries against the clock, which may move the same records.
const TRIES: u32 = 5;
/// So many calls of a lead are looked at for one that came before its creation was followed.
const CALLS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// Starts and stops what the new events among the changes ask for. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    for Happened { place, event } in events {
        if let Err(error) = one(platform, event).await {
            tracing::error!(event = event.kind, subject = event.subject, %error, "no clock followed an event");
            return Some(*place);
        }
    }
    None
}

/// What an event says of a lead.
struct News {
    lead: LeadId,
    at: Timestamp,
    created: bool,
    assigned: bool,
    /// Somebody responded.
    responded: bool,
    /// The stage that it reached.
    stage: Option<StageKey>,
}

/// What an event says, where clocks may follow it: nothing, or for a call 1 read.
async fn news(platform: &Platform, grant: &Grant, event: &Event) -> Result<Option<News>, Unfollowed> {
    let news = |lead| News { lead, at: event.at, created: false, assigned: false, responded: false, stage: None };
    if event.record == Call::KIND {
        if !TriggerType::CallEnded.fits(event) {
            return Ok(None);
        }
        let call: Option<Call> = there(platform.table().get_to_change(grant, event.subject.parse()?).await)?;
        let lead = call.and_then(|call| call.lead_id);
        return Ok(lead.map(|lead| News { responded: true, ..news(lead) }));
    }
    if event.record != Lead::KIND {
        return Ok(None);
    }
    let stage = event.changes.iter().find(|change| change.field == "status").map(|change| &change.after);
    let stage = stage.and_then(Value::as_str).and_then(|stage| stage.parse().ok());
    Ok(Some(News {
        created: event.kind == "lead.created",
        assigned: TriggerType::LeadAssigned.fits(event),
        responded: stage.is_some() && event.actor.user().is_some(),
        stage,
        ..news(event.subject.parse()?)
    }))
}

/// Nothing where the organization has no service levels; else 1 or 2 reads and 1 `BatchGetItem` of the clocks that there
/// may be, and 1 transaction for each that starts or stops.
async fn one(platform: &Platform, event: &Event) -> Result<(), Unfollowed> {
    let grant = Caller::system(event.organization, "events").own();
    let policies = platform.sla_policies(&grant).await?;
    if policies.is_empty() {
        return Ok(());
    }
    let Some(news) = news(platform, &grant, event).await? else { return Ok(()) };
    let mut tries = 1;
    loop {
        match settle(platform, &grant, &policies, &news).await {
            // The clock moved one of them at this moment: all is read anew.
            Err(Unfollowed::Commit(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }))
                if tries < TRIES =>
            {
                tries += 1;
            }
            done => return done,
        }
    }
}

async fn settle(platform: &Platform, grant: &Grant, policies: &[SlaPolicy], news: &News) -> Result<(), Unfollowed> {
    let (table, now) = (platform.table(), platform.now());
    let kinds = || TargetKind::ALL.iter().copied();
    let ids: Vec<SlaClockId> = policies
        .iter()
        .flat_map(|policy| kinds().map(|kind| platform.sla_clock_id(policy.id, kind, news.lead)))
        .collect();
    let clocks = table.get_many_to_change::<SlaClock>(grant, &ids).await?;
    let Some(lead): Option<Lead> = there(table.get_to_change(grant, news.lead).await)? else {
        for clock in clocks.into_values().filter(|clock| !clock.state.is_over()) {
            table.commit(grant, clock.cancel("lead_gone", now)).await?;
        }
        return Ok(());
    };
    let pipeline = match &news.stage {
        Some(_) => Some(table.get::<LeadPipeline>(grant, LeadPipeline::id_of(grant.organization())).await?.pipeline),
        None => None,
    };
    for clock in clocks.values().filter(|clock| !clock.state.is_over()).cloned() {
        if let Some(change) = moved(clock, &lead, news, pipeline.as_ref(), now) {
            table.commit(grant, change).await?;
        }
    }
    if news.created || news.assigned {
        start(platform, grant, policies, &clocks, &lead, news).await?;
    }
    Ok(())
}

/// What becomes of a clock that runs.
fn moved(
    clock: SlaClock,
    lead: &Lead,
    news: &News,
    pipeline: Option<&Pipeline>,
    now: Timestamp,
) -> Option<Change<SlaClock>> {
    let met = match clock.target {
        TargetKind::FirstResponse => news.responded && news.at >= clock.started_at,
        TargetKind::Resolution => {
            news.stage.as_ref().zip(pipeline).is_some_and(|(stage, pipeline)| clock.resolved_in(stage, pipeline))
        }
    };
    if met { Some(clock.met(news.at, now)) } else { clock.follow(lead, now) }
}

/// Starts the clocks that are not there yet: 2 reads of the business hours and 1 transaction for each.
async fn start(
    platform: &Platform,
    grant: &Grant,
    policies: &[SlaPolicy],
    known: &HashMap<SlaClockId, SlaClock>,
    lead: &Lead,
    news: &News,
) -> Result<(), Unfollowed> {
    let (now, mut calendar) = (platform.now(), None);
    for policy in policies.iter().filter(|policy| policy.enabled) {
        let Some(seen) = Seen::of_lead(lead.clone()).within(&policy.rows) else { continue };
        let view = seen.view(policy.clear, &Map::new(), now);
        for target in &policy.targets {
            let begins = match target.from {
                StartsAt::Created => news.created,
                StartsAt::Assigned => news.assigned,
            };
            let id = platform.sla_clock_id(policy.id, target.kind, lead.id);
            if !begins || known.contains_key(&id) || !policy.conditions.met(policy.applies_to, &view) {
                continue;
            }
            let calendar = match &mut calendar {
                Some(calendar) => calendar,
                none => none.insert(platform.calendar(grant).await?),
            };
            let starting = Starting { id, organization: grant.organization(), at: news.at, calendar, now };
            let change = SlaClock::start(Of { policy, target, lead }, starting);
            let clock = platform.table().commit(grant, change).await?;
            already(platform, grant, clock, lead, now).await?;
        }
    }
    Ok(())
}

/// A call, or the lead's next stage, may have been followed before the event that starts its clock: 1 Query, or 1 read.
async fn already(
    platform: &Platform,
    grant: &Grant,
    clock: SlaClock,
    lead: &Lead,
    now: Timestamp,
) -> Result<(), Unfollowed> {
    let table = platform.table();
    let met_at = match clock.target {
        TargetKind::FirstResponse => {
            let query = ListQuery::new(Slot::Three, "lead", lead.id.to_string(), CALLS);
            let calls = table.list::<Call>(grant, &query, |call| call.status.is_over()).await?.records;
            let ended = calls.iter().map(|call| call.ended_at.unwrap_or(call.meta.updated_at));
            ended.filter(|at| *at >= clock.started_at).min()
        }
        TargetKind::Resolution => {
            let pipeline: LeadPipeline = table.get(grant, LeadPipeline::id_of(grant.organization())).await?;
            let since = lead.dwell.since();
            clock.resolved_in(&lead.status, &pipeline.pipeline).then_some(since.max(clock.started_at))
        }
    };
    match met_at {
        Some(at) => Ok(table.commit(grant, clock.met(at, now)).await.map(drop)?),
        None => Ok(()),
    }
}

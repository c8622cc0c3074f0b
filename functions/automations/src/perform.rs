//! What a step changes, ready to be written together with the run's move.

use domain::automation::{Intent, Seen, Sending, Unfit, Who};
use domain::communication::{CommunicationDetails, Placing};
use domain::notification::Arriving;
use domain::outreach::{Verdict, contact_of};
use domain::pipeline::{MoveContext, StageKey};
use domain::reminder::{Remembering, ReminderDetails};
use domain::{
    AssignmentPool, Change, CommunicationId, CommunicationType, Grant, IdBits, Inbox, Lead, LeadPipeline, MessageId,
    Notification, NotificationId, Record, Reminder, ReminderId, UserId, WorkflowRun,
};
use jiff::Timestamp;
use providers::WebhookCall;
use runtime::{Platform, Speech, Spoken, Tell};
use store::{CommitError, StoreError, Transaction};

use crate::Undone;
use crate::assign::{Chosen, choose};
use crate::people::{member, resolve, resolve_all};
use crate::run::about;

/// What a step changes.
#[derive(Default)]
pub(crate) struct Prepared {
    reminder: Option<Change<Reminder>>,
    lead: Option<Change<Lead>>,
    turn: Option<Change<AssignmentPool>>,
    notifications: Vec<(Change<Notification>, Change<Inbox>)>,
    spoken: Option<Spoken>,
    /// Why a message is not sent, to be counted.
    refusal: Option<&'static str>,
    /// Until when the step itself waits: whom it writes to sleeps.
    pub(crate) deferred: Option<Timestamp>,
    /// Until when the run waits behind it.
    pub(crate) until: Option<Timestamp>,
    /// What was done, in a word or two.
    pub(crate) detail: Option<String>,
    /// What was made or changed.
    pub(crate) ids: Vec<String>,
}

impl Prepared {
    /// Nothing but that a message was not sent.
    pub(crate) fn refused(refusal: &'static str) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }

    /// Adds it to a transaction.
    pub(crate) fn push(
        self,
        transaction: &mut Transaction<'_>,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let Self { reminder, lead, turn, notifications, spoken, refusal, .. } = self;
        if let Some(refusal) = refusal {
            transaction.count_refusal(grant, refusal, now)?;
        }
        put(transaction, grant, reminder)?;
        put(transaction, grant, lead)?;
        put(transaction, grant, turn)?;
        for (notification, inbox) in notifications {
            transaction.push(grant, notification)?;
            transaction.push(grant, inbox)?;
        }
        spoken.map_or(Ok(()), |spoken| spoken.push(transaction, grant, now).map(drop))
    }
}

fn put<R: Record>(
    transaction: &mut Transaction<'_>,
    grant: &Grant,
    change: Option<Change<R>>,
) -> Result<(), CommitError> {
    change.map_or(Ok(()), |change| transaction.push(grant, change).map(drop))
}

/// The bits of ids of what a step makes: the same however often it is tried.
fn bits(platform: &Platform, run: &WorkflowRun, part: &str) -> IdBits {
    let (id, step) = (run.id.to_string(), run.next.to_string());
    platform.table().hash_key().id_bits(&["workflow_step", &id, &step, part])
}

/// A change with what led to it.
fn of_run<R: Record>(change: Change<R>, run: &WorkflowRun) -> Change<R> {
    change.caused_by(run.chain.clone()).with("workflow", run.plan.workflow).with("workflow_run", run.id)
}

/// What a run says, with what led to it.
struct OfRun<'a>(&'a WorkflowRun);

impl Tell for OfRun<'_> {
    fn of<R: Record>(&self, change: Change<R>) -> Change<R> {
        of_run(change, self.0)
    }
}

/// What an intent changes, or why it cannot be done.
pub(crate) async fn prepare(
    platform: &Platform,
    grant: &Grant,
    run: &WorkflowRun,
    seen: &Seen,
    intent: Intent,
) -> Result<Result<Prepared, Unfit>, Undone> {
    Ok(match intent {
        Intent::Remind { details, to, lead, call } => {
            let Some(person) = resolve(platform, grant, &run.plan, seen, to).await? else {
                return Ok(Err(Unfit::new("nobody_to_remind")));
            };
            let Some(branch) = seen.branch().or_else(|| person.branches.first().copied()) else {
                return Ok(Err(Unfit::new("no_branch")));
            };
            let id = ReminderId::at(run.meta.created_at, bits(platform, run, "reminder"));
            let (organization, now) = (grant.organization(), platform.now());
            let remembering = Remembering { id, organization, branch, agent: person.user, lead, call, now };
            remind(*details, remembering, run)
        }
        Intent::Move { to, reason } => move_lead(platform, grant, run, seen, &to, &reason).await?,
        Intent::Assign { agent, criteria } => {
            let Some(lead) = seen.lead.clone() else { return Ok(Err(Unfit::new("no_lead"))) };
            let chosen = match agent {
                Some(user) => match member(platform, grant, &run.plan, user).await? {
                    Some(member) => Ok(Chosen { user: member.user, turn: None, decision: None }),
                    None => Err(Unfit::new("unknown_user")),
                },
                None => choose(platform, grant, &lead, criteria).await?,
            };
            match chosen {
                Ok(chosen) => Ok(assign(lead, chosen, &pipeline(platform, grant).await?, run, platform.now())),
                Err(unfit) => Err(unfit),
            }
        }
        Intent::Notify { to, notice, priority, kind, channels } => {
            let arriving = |user: UserId| Arriving {
                id: NotificationId::at(run.meta.created_at, bits(platform, run, &user.to_string())),
                user,
                kind,
                priority,
                notice: (*notice).clone(),
                expires_at: None,
                created_by: None,
                broadcast: None,
                channels: channels.clone(),
            };
            notify(platform, grant, run, seen, &to, arriving).await?
        }
        Intent::Send(sending) => send(platform, grant, run, seen, *sending).await?,
        Intent::Call { url, payload } => {
            let body = about(run, payload).to_string();
            let id = format!("{}.{}", run.id, run.next);
            // Automations have no secret to sign with.
            let (signatures, headers) = (Vec::new(), Vec::new());
            let call = WebhookCall { id, url: url.to_string(), body, at: platform.now(), signatures, headers };
            match platform.webhooks()?.call(&call).await {
                Ok(answer) if answer.is_success() => {
                    Ok(Prepared { detail: Some(format!("http_{}", answer.status)), ..Prepared::default() })
                }
                Ok(_) => Err(Unfit::new("webhook_refused")),
                Err(refused) => Err(Unfit::new(refused.code())),
            }
        }
        Intent::Wait { until } => Ok(Prepared { until: Some(until), ..Prepared::default() }),
    })
}

/// Writes to a lead, unless they object or sleep: 1 `BatchGetItem`. It stands on their timeline.
async fn send(
    platform: &Platform,
    grant: &Grant,
    run: &WorkflowRun,
    seen: &Seen,
    sending: Sending,
) -> Result<Result<Prepared, Unfit>, Undone> {
    let Sending { to, subject, content, purpose, lead, zone } = sending;
    let Some((branch, owner)) = seen.lead.as_ref().map(|lead| (lead.branch_id, lead.assigned_to)) else {
        return Ok(Err(Unfit::new("no_lead")));
    };
    let now = platform.now();
    let Some((channel, address)) = contact_of(&to) else { return Ok(Err(Unfit::new("no_address"))) };
    let contact = platform.table().hash_key().reachability_id(grant.organization(), &address);
    let id = MessageId::at(run.meta.created_at, bits(platform, run, "message"));
    let spoken = CommunicationId::at(run.meta.created_at, bits(platform, run, "communication"));
    let placing = Placing {
        id: spoken,
        organization: grant.organization(),
        branch,
        user: owner.unwrap_or(run.plan.author),
        lead: Some(lead),
        contact: Some((address, contact)),
        now,
    };
    let kind = CommunicationType::of(channel);
    let details = CommunicationDetails { subject, ..CommunicationDetails::outbound(kind, purpose, Some(content)) };
    let speech = Speech { channel, details, placing, message: id, zone, dlt: None };
    let unfit = || Unfit::new("no_address");
    let Some(reach) = platform.reach_of(grant, &speech, now).await? else { return Ok(Err(unfit())) };
    Ok(match speech.verdict(&reach, now) {
        Verdict::Send => speech.spoken(reach, None).ok_or_else(unfit).map(|said| {
            let ids = vec![spoken.to_string(), id.to_string()];
            Prepared { spoken: Some(said.told(&OfRun(run))), ids, ..Prepared::default() }
        }),
        Verdict::Defer(until) => Ok(Prepared { deferred: Some(until), ..Prepared::default() }),
        Verdict::Refuse(refusal) => Err(Unfit::refused(refusal)),
    })
}

fn remind(details: ReminderDetails, remembering: Remembering, run: &WorkflowRun) -> Result<Prepared, Unfit> {
    let mut change = Reminder::create(details, remembering).map_err(|_| Unfit::new("not_plannable"))?;
    change.after.chain.clone_from(&run.chain);
    let ids = vec![remembering.id.to_string()];
    Ok(Prepared { reminder: Some(of_run(change, run)), ids, ..Prepared::default() })
}

async fn pipeline(platform: &Platform, grant: &Grant) -> Result<LeadPipeline, Undone> {
    Ok(platform.table().get(grant, LeadPipeline::id_of(grant.organization())).await?)
}

async fn move_lead(
    platform: &Platform,
    grant: &Grant,
    run: &WorkflowRun,
    seen: &Seen,
    to: &StageKey,
    reason: &str,
) -> Result<Result<Prepared, Unfit>, Undone> {
    let Some(lead) = seen.lead.clone() else { return Ok(Err(Unfit::new("no_lead"))) };
    let pipeline = pipeline(platform, grant).await?;
    let context = MoveContext { may_skip: run.plan.may_skip, reason: Some(reason) };
    let (id, from) = (lead.id.to_string(), lead.status.to_string());
    Ok(match lead.move_to(to, &context, &pipeline.pipeline, platform.now()) {
        Ok(change) => {
            let detail = Some(format!("{from} to {to}"));
            Ok(Prepared { lead: Some(of_run(change, run)), detail, ids: vec![id], ..Prepared::default() })
        }
        Err(refused) => Err(Unfit::new(refused.code())),
    })
}

fn assign(lead: Lead, chosen: Chosen, pipeline: &LeadPipeline, run: &WorkflowRun, now: Timestamp) -> Prepared {
    let Chosen { user, turn, decision } = chosen;
    let ids = vec![lead.id.to_string(), user.to_string()];
    let why = Some(format!("Automation: {}", run.plan.name));
    let change = lead.assign(Some(user), why, &pipeline.pipeline, now);
    let change = match &decision {
        Some(decision) => change.decided(decision),
        None => change,
    };
    Prepared { lead: Some(of_run(change, run)), turn, ids, ..Prepared::default() }
}

/// What it costs to find the people ([`resolve_all`]), and 1 read of an inbox for each.
async fn notify(
    platform: &Platform,
    grant: &Grant,
    run: &WorkflowRun,
    seen: &Seen,
    to: &[Who],
    arriving: impl Fn(UserId) -> Arriving,
) -> Result<Result<Prepared, Unfit>, Undone> {
    let people = resolve_all(platform, grant, &run.plan, seen, to).await?;
    let now = platform.now();
    let mut prepared = Prepared::default();
    for person in &people {
        let inbox = inbox(platform, grant, person.user, now).await?;
        // An inbox that takes no more of what expires takes what does not.
        if let Ok((notification, inbox)) = inbox.receive(arriving(person.user), now) {
            prepared.ids.push(notification.after.id.to_string());
            prepared.notifications.push((of_run(notification, run), inbox));
        }
    }
    Ok(if prepared.notifications.is_empty() { Err(Unfit::new("nobody_to_tell")) } else { Ok(prepared) })
}

async fn inbox(platform: &Platform, grant: &Grant, user: UserId, now: Timestamp) -> Result<Inbox, StoreError> {
    platform.table().inbox(grant, user, now).await
}

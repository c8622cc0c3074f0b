//! One time that an automation was set going.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Conditions, Link, Step, Subject, SubjectKind};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, Change, EventId, Label, OrganizationId, PersonalFields, Rows, UserId, WorkflowId, WorkflowRunId,
};

/// A run that has not moved for so long has lost its message; the clock sends it again.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// A run whose automation is paused looks again after so long.
const HELD: SignedDuration = SignedDuration::from_mins(15);
/// A run whose automation stays paused for so long is over.
pub const MAX_HELD: SignedDuration = SignedDuration::from_hours(24 * 30);
/// What came of a run is kept for so many days after its end.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

wire_enum! {
    /// Where a run stands.
    RunStatus, "unknown_run_status",
    /// It has not begun.
    Queued = "queued",
    /// Its steps are being done.
    Running = "running",
    /// Its next step has its time.
    Waiting = "waiting",
    /// Every step was done or passed over.
    Completed = "completed",
    /// It came to its end, and not every step could be done.
    Failed = "failed",
    /// It was not to begin.
    Skipped = "skipped",
    /// It was ended before its end.
    Cancelled = "cancelled",
}

impl RunStatus {
    /// Whether nothing follows.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped | Self::Cancelled)
    }
}

/// What the queue of automations carries: "go on".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// The run.
    pub run: WorkflowRunId,
}

/// What has a run's steps done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanSource {
    /// An automation: paused or deleted, it holds or ends its runs.
    #[default]
    Workflow,
    /// A service level, whose clock says by itself whether anything is to be done.
    SlaPolicy,
}

impl PlanSource {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
    const fn is_workflow(&self) -> bool {
        matches!(self, Self::Workflow)
    }
}

/// What a run carries of its automation: it ends on the version it began with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The automation; what is no automation stands here by its UUID.
    pub workflow: WorkflowId,
    /// What kind of record that is.
    #[serde(default, skip_serializing_if = "PlanSource::is_workflow")]
    pub source: PlanSource,
    /// Its name.
    pub name: Label,
    /// Its revision.
    pub revision: u32,
    /// The kind of record it is about.
    pub subject: SubjectKind,
    /// For what records, where it goes through the leads.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// What is done.
    pub steps: Vec<Step>,
    /// Who wrote it.
    pub author: UserId,
    /// The rows that they reached.
    pub rows: Rows,
    /// The personal fields that they saw in the clear.
    pub clear: PersonalFields,
    /// Whether they might skip stages.
    pub may_skip: bool,
}

/// The event that set a run going.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventRef {
    /// Its id.
    pub id: EventId,
    /// `lead.created`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// How far a run is that goes through the leads: it sets another run going for each that meets the conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Behind which place of the list of leads it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many pages it looked at.
    pub pages: u32,
    /// How many runs it set going.
    pub begun: u32,
}

/// How a step turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It was done.
    Done,
    /// It was not to be done.
    Skipped,
    /// It could not be done.
    Failed,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepResult {
    /// Which, from 0.
    pub step: u32,
    /// What it does: `create_reminder`.
    #[serde(rename = "type")]
    pub action: String,
    /// How it turned out.
    pub outcome: StepOutcome,
    /// Why it was not done, as a code; or what was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The ids of what it made or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// One time that an automation was set going.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: derived from what set it going, so that this sets going one run.
    pub id: WorkflowRunId,
    /// What is done.
    pub plan: Plan,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The branch that this belonged to as it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_id: Option<BranchId>,
    /// Whose it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The event that set it going.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventRef>,
    /// The person who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<UserId>,
    /// The automations that led to it, itself the last.
    pub chain: Vec<Link>,
    /// What the event changed.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub previous: Map<String, Value>,
    /// How far it is, where it goes through the leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// Where it stands.
    pub status: RunStatus,
    /// The next step.
    pub next: u32,
    /// Before which time that is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// Since when it stands still because its automation is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Timestamp>,
    /// When the clock looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// What came of the steps so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<StepResult>,
    /// Why it did not begin or ended early, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// What sets a run going.
#[derive(Debug, Clone, Default)]
pub struct Begun {
    /// What it is about.
    pub subject: Option<Subject>,
    /// The branch that this belongs to.
    pub branch: Option<BranchId>,
    /// Whose it is.
    pub owner: Option<UserId>,
    /// The event that set it going.
    pub event: Option<EventRef>,
    /// The person who did.
    pub by: Option<UserId>,
    /// The automations that led to it.
    pub chain: Vec<Link>,
    /// What the event changed.
    pub previous: Map<String, Value>,
    /// Whether it goes through the leads.
    pub sweeps: bool,
    /// Why it is not to begin.
    pub skipped: Option<&'static str>,
}

impl WorkflowRun {
    /// A new one.
    pub fn begin(
        id: WorkflowRunId,
        organization: OrganizationId,
        plan: Plan,
        begun: Begun,
        now: Timestamp,
    ) -> Change<Self> {
        let Begun { subject, branch, owner, event, by, mut chain, previous, sweeps, skipped } = begun;
        let link = Link { workflow: plan.workflow, subject: subject.map(|subject| subject.id()).unwrap_or_default() };
        chain.push(link);
        let run = Self {
            meta: Meta::new(organization, now),
            id,
            plan,
            subject,
            branch_id: branch,
            owner,
            event,
            started_by: by,
            chain,
            previous,
            sweep: sweeps.then(Sweep::default),
            status: if skipped.is_some() { RunStatus::Skipped } else { RunStatus::Queued },
            next: 0,
            wake_at: None,
            held_since: None,
            look_at: skipped.is_none().then(|| now + LEASE),
            results: Vec::new(),
            reason: skipped.map(str::to_owned),
            finished_at: skipped.map(|_| now),
        };
        Change::create(run, "workflow_run.begun")
    }

    /// The next step, where there is one.
    pub fn step(&self) -> Option<&Step> {
        usize::try_from(self.next).ok().and_then(|next| self.plan.steps.get(next))
    }

    /// Whether its next step may be done now.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        !self.status.is_over() && self.wake_at.is_none_or(|at| at <= now)
    }

    /// When the next step's time is, where it has not come yet.
    pub fn not_before(&self, now: Timestamp) -> Option<Timestamp> {
        let step = self.step()?;
        let at = self.meta.created_at + SignedDuration::from_secs(step.delay.into());
        (at > now).then_some(at)
    }

    /// It rests until its next step's time.
    pub fn wait(self, until: Timestamp, now: Timestamp) -> Change<Self> {
        self.changed(now, |run| {
            run.status = RunStatus::Waiting;
            (run.wake_at, run.look_at) = (Some(until), Some(until));
        })
    }

    /// A step turned out so: on to the next, or to the end. A `wait` hands in until when.
    pub fn stepped(
        self,
        outcome: StepOutcome,
        detail: Option<String>,
        ids: Vec<String>,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Change<Self> {
        let action = self.step().map_or("", |step| step.action.as_str()).to_owned();
        self.changed(now, |run| {
            run.results.push(StepResult { step: run.next, action, outcome, detail, ids, at: now });
            run.next += 1;
            run.held_since = None;
            if run.step().is_none() {
                let failed = run.results.iter().any(|result| result.outcome == StepOutcome::Failed);
                run.end(if failed { RunStatus::Failed } else { RunStatus::Completed }, now);
            } else if let Some(until) = until {
                run.status = RunStatus::Waiting;
                (run.wake_at, run.look_at) = (Some(until), Some(until));
            } else {
                run.status = RunStatus::Running;
                (run.wake_at, run.look_at) = (None, Some(now + LEASE));
            }
        })
    }

    /// A page of leads was gone through; `place` is `None` at the end, `last` says that it goes no further anyhow.
    pub fn swept(self, place: Option<String>, begun: u32, last: bool, now: Timestamp) -> Change<Self> {
        self.changed(now, |run| {
            let ended = place.is_none() || last;
            run.reason = (last && place.is_some()).then(|| "too_many_leads".to_owned());
            if let Some(sweep) = &mut run.sweep {
                sweep.place = place;
                sweep.pages += 1;
                sweep.begun += begun;
            }
            if ended {
                run.end(RunStatus::Completed, now);
            } else {
                run.status = RunStatus::Running;
                run.look_at = Some(now + LEASE);
            }
        })
    }

    /// Its automation is paused: it stands still, and looks again later; after [`MAX_HELD`] it is over.
    pub fn held(self, now: Timestamp) -> Change<Self> {
        let since = self.held_since.unwrap_or(now);
        if now >= since + MAX_HELD {
            return self.cancelled("paused", now);
        }
        self.changed(now, |run| {
            run.held_since = Some(since);
            run.status = RunStatus::Waiting;
            (run.wake_at, run.look_at) = (Some(now + HELD), Some(now + HELD));
        })
    }

    /// It is ended before its end.
    pub fn cancelled(self, reason: &str, now: Timestamp) -> Change<Self> {
        let reason = reason.to_owned();
        self.changed(now, |run| {
            run.reason = Some(reason);
            run.end(RunStatus::Cancelled, now);
        })
    }

    /// The clock looked after it: its next look is a lease away.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        self.changed(now, |run| run.look_at = Some(now + LEASE))
    }

    fn end(&mut self, status: RunStatus, now: Timestamp) {
        self.status = status;
        (self.wake_at, self.look_at, self.held_since) = (None, None, None);
        self.finished_at = Some(now);
    }

    fn changed(self, now: Timestamp, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, "workflow_run.moved")
    }
}

impl Record for WorkflowRun {
    const KIND: &'static str = "workflow_run";
    type Id = WorkflowRunId;

    fn id(&self) -> WorkflowRunId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        self.branch_id
    }
    fn owner(&self) -> Option<UserId> {
        self.owner
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "workflow", self.plan.workflow)]
    }
    fn due(&self) -> Option<Timestamp> {
        self.look_at
    }
    fn expires(&self) -> Option<Timestamp> {
        self.finished_at.map(|at| at + KEPT)
    }
    /// Its results are its history, and what it does has events of its own.
    const REMEMBERED: bool = false;
}

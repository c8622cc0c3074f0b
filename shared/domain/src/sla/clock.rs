//! The clock of one target and one lead: a record that is due at its next moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counting, SlaPolicy, Target, TargetKind, When};
use crate::automation::{Conditions, Plan, PlanSource, Step, SubjectKind};
use crate::calendar::Calendar;
use crate::pipeline::{Pipeline, StageKey, StageKind};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, Change, Count, Label, Lead, LeadId, OrganizationId, PersonalFields, Rows, SlaClockId, SlaPolicyId,
    UserId, WorkflowId,
};

/// What came of a clock is kept for so long after its end: a year.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 366);

wire_enum! {
    /// Where a clock stands.
    ClockState, "unknown_clock_state",
    /// Its time is running, and no warning has been told.
    Running = "running",
    /// Its warning was told.
    Warned = "warned",
    /// Its time is over, and what must happen has not.
    Breached = "breached",
    /// What must happen has, in time or late.
    Met = "met",
    /// It counts no more.
    Cancelled = "cancelled",
}

impl ClockState {
    /// Whether nothing follows.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Met | Self::Cancelled)
    }
}

/// What happens at a moment of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlaMomentKind)]
pub enum MomentKind {
    /// The warning is told.
    Warning,
    /// Its time is over.
    Breach,
    /// Something is done.
    Escalation,
}

/// A moment of a clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What happens.
    pub kind: MomentKind,
    /// What is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// When it was dealt with, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<Timestamp>,
}

/// The clock of one target of a policy, and one lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlaClock {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: derived from the policy, the target and the lead.
    pub id: SlaClockId,
    /// The policy.
    pub policy: SlaPolicyId,
    /// Its name as the clock began.
    pub policy_name: Label,
    /// Its revision then.
    pub revision: u32,
    /// What must happen.
    pub target: TargetKind,
    /// The stages that are a resolution; empty for any in which a lead is won or lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub until: Vec<StageKey>,
    /// What of the time counts.
    pub hours: Counting,
    /// Within so many seconds.
    pub within: u32,
    /// The lead.
    pub lead_id: LeadId,
    /// The branch it belongs to.
    pub branch_id: BranchId,
    /// The person who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Who wrote the policy.
    pub author: UserId,
    /// The rows that they reached.
    pub rows: Rows,
    /// The personal fields that they saw in the clear.
    pub clear: PersonalFields,
    /// Whether they might skip stages.
    pub may_skip: bool,
    /// Where it stands.
    pub state: ClockState,
    /// From when it counts.
    pub started_at: Timestamp,
    /// When its time is over.
    pub due_at: Timestamp,
    /// Its moments in their order.
    pub moments: Vec<Moment>,
    /// The next of them.
    pub next: u32,
    /// When its time was found to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    /// When it came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it was cancelled, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a clock is of.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The policy.
    pub policy: &'a SlaPolicy,
    /// Its target.
    pub target: &'a Target,
    /// The lead.
    pub lead: &'a Lead,
}

/// How a clock starts.
#[derive(Debug, Clone, Copy)]
pub struct Starting<'a> {
    /// The id it gets.
    pub id: SlaClockId,
    /// The tenant.
    pub organization: OrganizationId,
    /// From when it counts.
    pub at: Timestamp,
    /// The organization's business hours.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// A moment was dealt with.
#[derive(Debug)]
pub struct Passed {
    /// The clock's move.
    pub change: Change<SlaClock>,
    /// What the automation engine is to do, where there is something.
    pub plan: Option<Plan>,
}

impl SlaClock {
    /// A new one, with all its moments: they are set by the business hours as they are now.
    pub fn start(of: Of<'_>, starting: Starting<'_>) -> Change<Self> {
        let Of { policy, target, lead } = of;
        let Starting { id, organization, at, calendar, now } = starting;
        let due_at = target.hours.after(at, target.within, calendar);
        let moments = moments(target, at, due_at, calendar);
        let clock = Self {
            meta: Meta::new(organization, now),
            id,
            policy: policy.id,
            policy_name: policy.name.clone(),
            revision: policy.revision,
            target: target.kind,
            until: target.until.clone(),
            hours: target.hours,
            within: target.within,
            lead_id: lead.id,
            branch_id: lead.branch_id,
            assigned_to: lead.assigned_to,
            author: policy.author,
            rows: policy.rows.clone(),
            clear: policy.clear,
            may_skip: policy.may_skip,
            state: ClockState::Running,
            started_at: at,
            due_at,
            moments,
            next: 0,
            breached_at: None,
            ended_at: None,
            reason: None,
        };
        clock.told(Change::create(clock.clone(), "sla.started"))
    }

    /// Its next moment, where there is one.
    pub fn moment(&self) -> Option<&Moment> {
        let next = usize::try_from(self.next).ok()?;
        self.moments.get(next).filter(|_| !self.state.is_over())
    }

    /// Its next moment has come: it moves to the one after it. `None` where it has not.
    pub fn pass(self, now: Timestamp) -> Option<Passed> {
        let moment = self.moment().filter(|moment| moment.at <= now)?.clone();
        let mut after = self.clone();
        after.meta.updated_at = now;
        if let Some(passed) = usize::try_from(self.next).ok().and_then(|next| after.moments.get_mut(next)) {
            passed.passed_at = Some(now);
        }
        after.next += 1;
        let kind = match moment.kind {
            MomentKind::Warning => {
                after.state = ClockState::Warned;
                "sla.warned"
            }
            MomentKind::Breach => {
                (after.state, after.breached_at) = (ClockState::Breached, Some(now));
                "sla.breached"
            }
            MomentKind::Escalation => "sla.escalated",
        };
        let plan = (!moment.steps.is_empty()).then(|| self.plan(moment.steps.clone()));
        let level = self.next;
        let change = self.told(Change::update(self.clone(), after, kind)).with("moment", level);
        Some(Passed { change, plan })
    }

    /// What must happen has.
    pub fn met(self, at: Timestamp, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        (after.state, after.ended_at) = (ClockState::Met, Some(at));
        let in_time = at <= self.due_at;
        self.told(Change::update(self.clone(), after, "sla.met")).with("in_time", in_time)
    }

    /// It counts no more.
    pub fn cancel(self, reason: &str, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        (after.state, after.ended_at, after.reason) = (ClockState::Cancelled, Some(now), Some(reason.to_owned()));
        self.told(Change::update(self.clone(), after, "sla.cancelled")).because(Some(reason.to_owned()))
    }

    /// Its lead belongs to somebody else, or to another branch; `None` where it does not.
    pub fn follow(self, lead: &Lead, now: Timestamp) -> Option<Change<Self>> {
        if (self.branch_id, self.assigned_to) == (lead.branch_id, lead.assigned_to) {
            return None;
        }
        let mut after = self.clone();
        after.meta.updated_at = now;
        (after.branch_id, after.assigned_to) = (lead.branch_id, lead.assigned_to);
        Some(self.told(Change::update(self.clone(), after, "sla.moved")))
    }

    /// Whether a lead that stands in this stage is what a resolution wants.
    pub fn resolved_in(&self, stage: &StageKey, pipeline: &Pipeline) -> bool {
        if self.target != TargetKind::Resolution {
            return false;
        }
        if !self.until.is_empty() {
            return self.until.contains(stage);
        }
        pipeline.stage(stage).is_some_and(|stage| matches!(stage.kind, StageKind::Won | StageKind::Lost))
    }

    /// How many seconds are left; below zero where its time is over.
    pub fn left(&self, calendar: &Calendar, now: Timestamp) -> i64 {
        self.hours.left(self.ended_at.unwrap_or(now), self.due_at, calendar)
    }

    /// The value of the list of a policy's clocks in a state.
    pub fn policy_state(policy: SlaPolicyId, state: ClockState) -> String {
        format!("{policy}#{state}")
    }

    fn plan(&self, steps: Vec<Step>) -> Plan {
        Plan {
            workflow: WorkflowId::from_uuid(self.policy.uuid()),
            source: PlanSource::SlaPolicy,
            name: self.policy_name.clone(),
            revision: self.revision,
            subject: SubjectKind::Lead,
            conditions: Conditions::default(),
            steps,
            author: self.author,
            rows: self.rows.clone(),
            clear: self.clear,
            may_skip: self.may_skip,
        }
    }

    /// A change with what whoever follows it need not read the clock for, and with its figures: these go along to whomever
    /// it belongs to.
    fn told(&self, change: Change<Self>) -> Change<Self> {
        let before = change.before.as_ref().map(Self::counted).unwrap_or_default();
        let steps = Count::steps(before, change.after.counted());
        let change = change.with("lead_id", self.lead_id).with("policy", self.policy).with("target", self.target);
        change.counting(steps)
    }
}

fn moments(target: &Target, at: Timestamp, due_at: Timestamp, calendar: &Calendar) -> Vec<Moment> {
    let warn_at = target.warn_at_percent.map(|percent| {
        let seconds = u64::from(target.within) * u64::from(percent) / 100;
        target.hours.after(at, u32::try_from(seconds).unwrap_or(target.within), calendar)
    });
    let moment = |at, kind, steps| Moment { at, kind, steps, passed_at: None };
    let mut moments: Vec<Moment> = warn_at.map(|at| moment(at, MomentKind::Warning, Vec::new())).into_iter().collect();
    moments.push(moment(due_at, MomentKind::Breach, Vec::new()));
    moments.extend(target.escalations.iter().map(|escalation| {
        let at = match escalation.when {
            When::Warning => warn_at.unwrap_or(due_at),
            When::After(seconds) => target.hours.after(due_at, seconds, calendar),
        };
        moment(at, MomentKind::Escalation, escalation.actions.clone())
    }));
    // A stable sort: those of one moment stay in the order of their levels.
    moments.sort_by_key(|moment| (moment.at, moment.kind));
    moments
}

impl Record for SlaClock {
    const KIND: &'static str = "sla_clock";
    type Id = SlaClockId;

    fn id(&self) -> SlaClockId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        self.assigned_to
    }
    fn lists(&self) -> Vec<List> {
        vec![
            List::new(Slot::One, "policy", Self::policy_state(self.policy, self.state)),
            List::new(Slot::Two, "lead", self.lead_id),
        ]
    }
    fn due(&self) -> Option<Timestamp> {
        self.moment().map(|moment| moment.at)
    }
    fn expires(&self) -> Option<Timestamp> {
        self.ended_at.map(|at| at + KEPT)
    }
    const DERIVED: &'static [&'static str] = &["moments", "next"];
}

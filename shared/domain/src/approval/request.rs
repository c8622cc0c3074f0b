//! Something that somebody asked others to approve.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ApprovalStep, ApprovalWorkflow, MAX_APPROVERS, Needs};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    ApprovalId, ApprovalWorkflowId, BranchId, Change, CustomFields, Label, LeadId, Line, Note, OrganizationId, UserId,
};

/// A request is handed on by its approvers at most so many times, so that all that is decided fits one record.
pub const MAX_DELEGATIONS: usize = 50;

wire_enum! {
    /// Where a request stands.
    ApprovalState, "unknown_approval_state",
    /// Somebody has to decide.
    Pending = "pending",
    /// Every step was approved.
    Approved = "approved",
    /// Somebody rejected it, or its time was over.
    Rejected = "rejected",
    /// It is no more asked for.
    Cancelled = "cancelled",
}

wire_enum! {
    /// What somebody, or the clock, did with a step.
    Verdict, "unknown_verdict",
    /// Approved it.
    Approved = "approved",
    /// Rejected it.
    Rejected = "rejected",
    /// Handed it on to somebody else.
    Delegated = "delegated",
    /// Let others decide it, as its time was over.
    Escalated = "escalated",
}

/// The workflow of a request, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ApprovalWorkflowRef)]
pub struct WorkflowRef {
    /// Its id.
    pub id: ApprovalWorkflowId,
    /// Its name then.
    pub name: Label,
    /// Its revision then.
    pub revision: u32,
}

/// Somebody who has to decide the current step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Who.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ApprovalDecision)]
pub struct Decision {
    /// Of which step, from 0.
    pub step: u32,
    /// By whom; absent where the time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// What.
    pub verdict: Verdict,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Line<255>>,
    /// Who decides instead, where it was handed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<UserId>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Something that somebody asked others to approve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ApprovalId,
    /// The branch it belongs to: its lead's, else that of whoever asked.
    pub branch_id: BranchId,
    /// Who asked.
    pub requester: UserId,
    /// The lead it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// What is asked for, in a few words.
    pub title: Label,
    /// And why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// What whoever decides should know.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub data: CustomFields,
    /// The workflow that it follows.
    pub workflow: WorkflowRef,
    /// The steps of the workflow, as they were.
    pub steps: Vec<ApprovalStep>,
    /// Whether whoever asked may decide too.
    pub allow_self: bool,
    /// Where it stands.
    pub state: ApprovalState,
    /// The current step, from 0; the last one that was looked at where it is over.
    pub step: u32,
    /// How many of those who have to decide it must approve.
    pub needs: Needs,
    /// Who still has to decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    /// Everybody who had to decide a step so far: they go on seeing it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<UserId>,
    /// What was decided so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// When the current step began.
    pub step_started_at: Timestamp,
    /// How many times those who have to decide it were reminded.
    #[serde(default)]
    pub reminded: u32,
    /// When the clock looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The id the request gets.
    pub id: ApprovalId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Who asks.
    pub requester: UserId,
    /// The lead it is about.
    pub lead: Option<LeadId>,
    /// What for, in a few words.
    pub title: Label,
    /// And why.
    pub reason: Option<Note>,
    /// What whoever decides should know.
    pub data: CustomFields,
}

impl ApprovalRequest {
    /// A new one: its first step begins, with these people to decide it.
    pub fn ask(asking: Asking, workflow: &ApprovalWorkflow, first: &[UserId], now: Timestamp) -> Change<Self> {
        let Asking { id, organization, branch, requester, lead, title, reason, data } = asking;
        let ApprovalWorkflow { id: workflow_id, name, revision, steps, allow_self, .. } = workflow.clone();
        let mut request = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            requester,
            lead_id: lead,
            title,
            reason,
            data,
            workflow: WorkflowRef { id: workflow_id, name, revision },
            steps,
            allow_self,
            state: ApprovalState::Pending,
            step: 0,
            needs: Needs::Any,
            pending: Vec::new(),
            approvers: Vec::new(),
            decisions: Vec::new(),
            step_started_at: now,
            reminded: 0,
            look_at: None,
            ended_at: None,
        };
        request.begin_step(0, first, now);
        let told = request.clone();
        told.telling(Change::create(request, "approval.requested"), true)
    }

    /// Whether somebody has to decide.
    pub fn is_pending(&self) -> bool {
        self.state == ApprovalState::Pending
    }

    /// The current step.
    pub fn current(&self) -> Option<&ApprovalStep> {
        self.step_at(self.step)
    }

    /// A step by its number.
    pub fn step_at(&self, step: u32) -> Option<&ApprovalStep> {
        usize::try_from(step).ok().and_then(|step| self.steps.get(step))
    }

    /// Whether somebody has to decide the current step.
    pub fn waits_for(&self, user: UserId) -> bool {
        self.pending.iter().any(|pending| pending.user == user)
    }

    /// Whether it is somebody's to see, whatever they may do: who asked, and everybody who had to decide.
    pub fn concerns(&self, user: UserId) -> bool {
        self.requester == user || self.approvers.contains(&user)
    }

    /// A step begins. Those who may not decide are left out, and so are those who are too many.
    pub(super) fn begin_step(&mut self, step: u32, people: &[UserId], now: Timestamp) {
        self.step = step;
        self.needs = self.current().map_or(Needs::Any, |step| step.needs);
        self.pending.clear();
        self.step_started_at = now;
        self.reminded = 0;
        let hours = self.current().and_then(|step| step.deadline_hours);
        self.look_at = hours.map(|hours| now + SignedDuration::from_hours(hours.into()));
        self.put(people, now);
    }

    /// People have to decide the current step from now on, those who can.
    pub(super) fn put(&mut self, people: &[UserId], now: Timestamp) {
        for user in people {
            if self.pending.len() >= MAX_APPROVERS {
                return;
            }
            if !self.can_take(*user) {
                continue;
            }
            self.pending.push(Pending { user: *user, since: now });
            if !self.approvers.contains(user) {
                self.approvers.push(*user);
            }
        }
    }

    /// Whether somebody could have to decide the current step: they do not yet, they have not, and it is not their own.
    pub(super) fn can_take(&self, user: UserId) -> bool {
        let own = user == self.requester && !self.allow_self;
        !own && !self.waits_for(user) && !self.has_decided(user)
    }

    /// Whether somebody has approved or rejected the current step.
    pub(super) fn has_decided(&self, user: UserId) -> bool {
        self.decisions.iter().any(|decision| {
            let decides = matches!(decision.verdict, Verdict::Approved | Verdict::Rejected);
            decides && decision.step == self.step && decision.user == Some(user)
        })
    }

    pub(super) fn end(&mut self, state: ApprovalState, now: Timestamp) {
        self.state = state;
        self.pending.clear();
        self.look_at = None;
        self.ended_at = Some(now);
    }

    /// A change with what every event of a request tells; with who has to decide, where that is to be told to them.
    pub(super) fn telling(&self, change: Change<Self>, approvers: bool) -> Change<Self> {
        let name = self.current().map(|step| step.name.clone());
        let change = change
            .with("workflow_id", self.workflow.id)
            .with("requester", self.requester)
            .with("lead_id", self.lead_id)
            .with("step", self.step)
            .with("step_name", name);
        if approvers {
            let users: Vec<UserId> = self.pending.iter().map(|pending| pending.user).collect();
            return change.with("approvers", users);
        }
        change
    }
}

impl Record for ApprovalRequest {
    const KIND: &'static str = "approval";
    type Id = ApprovalId;

    fn id(&self) -> ApprovalId {
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
        Some(self.requester)
    }
    fn lists(&self) -> Vec<List> {
        vec![
            List::new(Slot::One, "all", ""),
            List::new(Slot::Two, "state", self.state),
            List::new(Slot::Three, "requester", self.requester),
        ]
    }
    fn due(&self) -> Option<Timestamp> {
        self.look_at
    }
    /// People write names and figures into them.
    const SEALED: &'static [&'static str] = &["title", "reason", "data", "decisions"];
    const DERIVED: &'static [&'static str] = &["approvers", "decisions", "look_at", "pending"];
}

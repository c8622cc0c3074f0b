//! The clock of a service level as it is shown.

use domain::calendar::Calendar;
use domain::pipeline::StageKey;
use domain::sla::{ClockState, Counting, Moment, MomentKind, TargetKind};
use domain::{Label, LeadId, Meta, SlaClock, SlaClockId, SlaPolicyId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A moment of a clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlaMoment)]
pub(crate) struct MomentView {
    /// What happens.
    kind: MomentKind,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What is done, by name.
    actions: Vec<&'static str>,
    /// When it was dealt with, where it was.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    passed_at: Option<Timestamp>,
}

impl From<&Moment> for MomentView {
    fn from(Moment { at, kind, steps, passed_at }: &Moment) -> Self {
        let actions = steps.iter().map(|step| step.action.as_str()).collect();
        Self { kind: *kind, at: *at, actions, passed_at: *passed_at }
    }
}

/// The clock of one target of a service level, and one lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlaClock)]
pub struct SlaClockView {
    /// Its id.
    id: SlaClockId,
    /// The policy.
    policy_id: SlaPolicyId,
    /// Its name as the clock began.
    policy_name: Label,
    /// The revision that it runs by.
    revision: u32,
    /// What must happen.
    target: TargetKind,
    /// The stages that are a resolution; empty for any in which a lead is won or lost.
    until: Vec<StageKey>,
    /// The lead.
    lead_id: LeadId,
    /// The person who works on it.
    #[schema(required)]
    assigned_to: Option<UserId>,
    /// Where it stands.
    state: ClockState,
    /// What of the time counts.
    hours: Counting,
    /// Within so many seconds.
    within: u32,
    /// Seconds that are left, or were at its end, of what counts; below zero where its time is over.
    remaining_seconds: i64,
    /// From when it counts.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When its time is over.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// When its time was found to be over.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    breached_at: Option<Timestamp>,
    /// When what must happen did, or it was cancelled.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    ended_at: Option<Timestamp>,
    /// Why it was cancelled, as a code.
    #[schema(required)]
    reason: Option<String>,
    /// The warning, the end and the escalations, in their order.
    moments: Vec<MomentView>,
}

impl SlaClockView {
    /// A clock as it stands now.
    pub fn at(clock: SlaClock, calendar: &Calendar, now: Timestamp) -> Self {
        let remaining_seconds = clock.left(calendar, now);
        let SlaClock {
            meta: Meta { .. },
            id,
            policy,
            policy_name,
            revision,
            target,
            until,
            hours,
            within,
            lead_id,
            branch_id: _,
            assigned_to,
            author: _,
            rows: _,
            clear: _,
            may_skip: _,
            state,
            started_at,
            due_at,
            moments,
            next: _,
            breached_at,
            ended_at,
            reason,
        } = clock;
        Self {
            id,
            policy_id: policy,
            policy_name,
            revision,
            target,
            until,
            lead_id,
            assigned_to,
            state,
            hours,
            within,
            remaining_seconds,
            started_at,
            due_at,
            breached_at,
            ended_at,
            reason,
            moments: moments.iter().map(MomentView::from).collect(),
        }
    }
}

//! What a telephone system tells of a call: in any order, late, and more than once.
//!
//! A call that a telephone system tells of keeps what was told of it ([`Reported`]): each report only adds to that, and
//! what the call shows follows from all of it. So the same reports come to the same call, in whatever order they come.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Call, CallDirection, CallStatus, Dialling, MAX_SECONDS};
use crate::record::{Claim, Meta};
use crate::{Change, CustomFields, HttpsUrl, IntegrationId, Line, Phone};

/// A provider's id of a call.
pub type ProviderCallId = Line<120>;

/// What was told so far of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The connection that tells of it.
    pub integration: IntegrationId,
    /// The provider's id of it.
    pub call: ProviderCallId,
    /// When it was first told of.
    pub since: Timestamp,
    /// When they began to talk, as it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When it was over, as it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long they talked, as it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// The connection that tells of it.
    pub integration: IntegrationId,
    /// The provider's id of it.
    pub call: ProviderCallId,
    /// Who called.
    pub direction: CallDirection,
    /// The other side's number.
    pub phone: Option<Phone>,
    /// Where it stands; `None` where only its recording is told of.
    pub status: Option<CallStatus>,
    /// When that was, by the provider's clock.
    pub at: Timestamp,
    /// How long they talked.
    pub seconds: Option<u32>,
    /// Where its recording lies.
    pub recording_url: Option<HttpsUrl>,
}

impl Reported {
    /// The claim on a provider's id.
    pub fn claim(integration: IntegrationId, call: &ProviderCallId) -> Claim {
        Claim::new("provider_call", format!("{integration}#{call}"))
    }

    /// With what one more report adds: the earliest of each time, and the longest length.
    fn joined(self, report: &CallReport) -> Self {
        let earliest = |known: Option<Timestamp>, told: bool| {
            let told = told.then_some(report.at);
            known.into_iter().chain(told).min()
        };
        let over = report.status.is_some_and(CallStatus::is_over);
        Self {
            since: self.since.min(report.at),
            answered_at: earliest(self.answered_at, report.status == Some(CallStatus::InProgress)),
            ended_at: earliest(self.ended_at, over),
            seconds: self.seconds.max(report.seconds.filter(|_| over).map(|seconds| seconds.min(MAX_SECONDS))),
            ..self
        }
    }
}

/// How far a call is, so that one that is further is never taken back.
const fn rank(status: CallStatus) -> u8 {
    match status {
        CallStatus::Queued => 0,
        CallStatus::Initiated => 1,
        CallStatus::Ringing => 2,
        CallStatus::InProgress => 3,
        CallStatus::Completed | CallStatus::Failed | CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Canceled => {
            4
        }
    }
}

impl Call {
    /// A call that a telephone system tells of for the first time.
    pub fn reported(report: &CallReport, dialling: Dialling) -> Change<Self> {
        let Dialling { id, organization, branch, agent, lead, now } = dialling;
        let reported = Reported {
            integration: report.integration,
            call: report.call.clone(),
            since: report.at,
            answered_at: None,
            ended_at: None,
            seconds: None,
        };
        let call = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            agent,
            lead_id: lead,
            // Who calls may hide their number: such a call is kept all the same.
            phone: report.phone.clone(),
            direction: report.direction,
            status: CallStatus::Queued,
            outcome: None,
            notes: None,
            scheduled_at: None,
            started_at: None,
            ended_at: None,
            duration_seconds: None,
            recording_url: None,
            follow_up_id: None,
            reported: Some(reported),
            metadata: CustomFields::default(),
        };
        let told = call.told(report);
        let figures = told.figures();
        let status = told.status;
        Change::create(told, "call.created").with("status", status).counting(figures)
    }

    /// With one more report: `None` where it adds nothing. A call moves only to where its status allows, never back; one
    /// that ended by other means keeps its end.
    pub fn report(self, report: &CallReport, now: Timestamp) -> Option<Change<Self>> {
        let mut after = self.clone().told(report);
        if after == self {
            return None;
        }
        after.meta.updated_at = now;
        let kind = match after.status {
            same if same == self.status => "call.updated",
            CallStatus::InProgress => "call.started",
            to if to.is_over() => "call.ended",
            _ => "call.updated",
        };
        Some(self.changed(after, kind))
    }

    fn told(mut self, report: &CallReport) -> Self {
        let Some(known) = self.reported.take() else { return self };
        // Somebody may have ended it by hand before the telephone system told of it.
        let ended_by_hand = self.status.is_over() && known.ended_at.is_none();
        let reported = known.joined(report);
        self.phone = self.phone.or_else(|| report.phone.clone());
        // Of two recordings one is shown, and always the same one.
        self.recording_url = match (self.recording_url.take(), &report.recording_url) {
            (Some(known), Some(told)) if told.as_str() < known.as_str() => Some(told.clone()),
            (known, told) => known.or_else(|| told.clone()),
        };
        if !ended_by_hand {
            if let Some(to) = report.status {
                self.advance(to);
            }
            self.settle(&reported);
        }
        self.reported = Some(reported);
        self
    }

    /// Moves on, over what was left out: who completed a call was talking before.
    fn advance(&mut self, to: CallStatus) {
        if rank(to) <= rank(self.status) {
            return;
        }
        if to == CallStatus::Completed && self.status.allows(CallStatus::InProgress) {
            self.status = CallStatus::InProgress;
        }
        if self.status.allows(to) {
            self.status = to;
        }
    }

    /// The times that follow from what was told.
    fn settle(&mut self, reported: &Reported) {
        let Reported { answered_at, ended_at, seconds, .. } = reported;
        let talked = matches!(self.status, CallStatus::InProgress | CallStatus::Completed);
        // A call that failed while they talked was answered; what its length tells counts as for one that was completed.
        let talked = talked || (self.status == CallStatus::Failed && (answered_at.is_some() || *seconds > Some(0)));
        let length = |seconds: u32| SignedDuration::from_secs(seconds.into());
        self.ended_at = ended_at.filter(|_| self.status.is_over());
        self.started_at = match (talked, self.ended_at, seconds) {
            (false, ..) => None,
            (true, Some(ended), Some(seconds)) => Some(ended - length(*seconds)),
            (true, Some(ended), None) => answered_at.map(|at| at.min(ended)),
            (true, None, _) => answered_at.or(self.started_at),
        };
        self.duration_seconds = self.ended_at.map(|ended| {
            let between = self.started_at.map_or(0, |started| ended.duration_since(started).as_secs());
            u32::try_from(between.clamp(0, i64::from(MAX_SECONDS))).unwrap_or(0)
        });
    }
}

//! A call is planned, begun, or told of afterwards.

use jiff::{SignedDuration, Timestamp};

use super::{Call, CallDirection, CallOutcome, CallStatus, MAX_SECONDS};
use crate::record::Meta;
use crate::{
    BranchId, CallId, Change, Count, CustomFields, FieldInvalid, HttpsUrl, Invalid, LeadId, Note, OrganizationId,
    Phone, UserId, plannable,
};

/// Clocks of phones may be ahead of ours by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// A call is told of at most so long after it was held.
const LATE: SignedDuration = SignedDuration::from_hours(24 * 366);

/// What is told of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallDetails {
    /// The other side's number.
    pub phone: Option<Phone>,
    /// Who called; we did where nobody says it.
    pub direction: Option<CallDirection>,
    /// Where it stands.
    pub status: Option<CallStatus>,
    /// What came of it.
    pub outcome: Option<CallOutcome>,
    /// What was said.
    pub notes: Option<Note>,
    /// When it shall be.
    pub scheduled_at: Option<Timestamp>,
    /// When and how long it was, of one that is over.
    pub held: Held,
    /// Where its recording lies.
    pub recording_url: Option<HttpsUrl>,
    /// Whatever the phone wants to remember of it.
    pub metadata: CustomFields,
}

/// When and how long a call was that is told of afterwards: two of the three are enough, and so is its length alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// When they began to talk.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How long they talked, where that is less than the time between.
    pub duration_seconds: Option<u32>,
}

/// Where a call belongs.
#[derive(Debug, Clone, Copy)]
pub struct Dialling {
    /// The id it gets.
    pub id: CallId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Whose call it is.
    pub agent: UserId,
    /// The lead it is with.
    pub lead: Option<LeadId>,
    /// When.
    pub now: Timestamp,
}

/// The times of a call.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    duration_seconds: Option<u32>,
}

impl Held {
    const fn is_told(self) -> bool {
        self.started_at.is_some() || self.ended_at.is_some() || self.duration_seconds.is_some()
    }

    fn times(self, status: CallStatus, now: Timestamp) -> Result<Times, Vec<FieldInvalid>> {
        let wrong = |field: &str, code, message| Err(vec![FieldInvalid::new(field, Invalid::new(code, message))]);
        let Self { started_at, ended_at, duration_seconds } = self;
        let known = [("started_at", started_at), ("ended_at", ended_at)];
        for (field, at) in known.into_iter().filter_map(|(field, at)| Some((field, at?))) {
            if at > now + AHEAD {
                return wrong(field, "in_future", "must not be in the future");
            }
            if at < now - LATE {
                return wrong(field, "too_old", "must be within the last year");
            }
        }
        if duration_seconds.is_some_and(|seconds| seconds > MAX_SECONDS) {
            return wrong("duration_seconds", "out_of_range", "must be at most a day");
        }
        let length = |seconds: u32| SignedDuration::from_secs(seconds.into());
        let (started_at, ended_at) = match (started_at, ended_at, duration_seconds) {
            (Some(started), Some(ended), _) => (Some(started), ended),
            (Some(started), None, Some(seconds)) => (Some(started), started + length(seconds)),
            (None, Some(ended), Some(seconds)) => (Some(ended - length(seconds)), ended),
            (None, None, Some(seconds)) => (Some(now - length(seconds)), now),
            // Nobody was there, so nothing was begun.
            (None, ended, None) if status != CallStatus::Completed => (None, ended.unwrap_or(now)),
            (Some(started), None, None) if status != CallStatus::Completed => (Some(started), started),
            (None, _, None) => return Err(vec![FieldInvalid::new("started_at", Invalid::required())]),
            (Some(_), None, None) => return Err(vec![FieldInvalid::new("duration_seconds", Invalid::required())]),
        };
        if ended_at > now + AHEAD {
            return wrong("duration_seconds", "in_future", "must not end in the future");
        }
        let span = started_at.map_or(0, |started| ended_at.duration_since(started).as_secs());
        if !(0..=i64::from(MAX_SECONDS)).contains(&span) {
            return wrong("ended_at", "out_of_range", "must be after the start, by a day at most");
        }
        let talked = duration_seconds.map_or(span, i64::from);
        if talked > span {
            return wrong("duration_seconds", "contradiction", "is more than the time between start and end");
        }
        Ok(Times { started_at, ended_at: Some(ended_at), duration_seconds: u32::try_from(talked).ok() })
    }
}

impl Call {
    /// A call that is planned (`scheduled_at`), begins now, or is over and told of.
    pub fn create(details: CallDetails, dialling: Dialling) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let Dialling { id, organization, branch, agent, lead, now } = dialling;
        let CallDetails { phone, direction, status, outcome, notes, scheduled_at, held, recording_url, metadata } =
            details;
        let mut wrong = Vec::new();
        if phone.is_none() && lead.is_none() {
            wrong.push(FieldInvalid::new("phone", Invalid::new("required", "is required where there is no lead_id")));
        }
        let unplannable = scheduled_at.and_then(|at| plannable(at, now).err());
        wrong.extend(unplannable.map(|invalid| FieldInvalid::new("scheduled_at", invalid)));
        let planned = scheduled_at.is_some_and(|at| at > now);
        let status = status.unwrap_or(match (held.is_told(), planned) {
            (true, _) => CallStatus::Completed,
            (false, true) => CallStatus::Queued,
            (false, false) => CallStatus::Initiated,
        });
        let times = if status.is_over() {
            held.times(status, now).unwrap_or_else(|errors| {
                wrong.extend(errors);
                Times::default()
            })
        } else {
            let told = [
                ("started_at", held.started_at.is_some()),
                ("ended_at", held.ended_at.is_some()),
                ("duration_seconds", held.duration_seconds.is_some()),
            ];
            let ours = || Invalid::new("not_over", "is told of calls that are over; of others it is the server's");
            wrong.extend(told.into_iter().filter(|(_, told)| *told).map(|(field, _)| FieldInvalid::new(field, ours())));
            Times { started_at: (status == CallStatus::InProgress).then_some(now), ..Times::default() }
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let Times { started_at, ended_at, duration_seconds } = times;
        let call = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            agent,
            lead_id: lead,
            phone,
            direction: direction.unwrap_or(CallDirection::Outbound),
            status,
            outcome,
            notes,
            scheduled_at,
            started_at,
            ended_at,
            duration_seconds,
            recording_url,
            follow_up_id: None,
            reported: None,
            metadata,
        };
        let figures = Count::steps(Vec::new(), call.figures());
        // A creation has no changes; who follows it need not read the call for this.
        Ok(Change::create(call, "call.created").with("status", status).counting(figures))
    }
}

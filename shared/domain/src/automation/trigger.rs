//! What sets an automation going: something that happened, the clock, or a person.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SubjectKind;
use crate::values::wire_enum;
use crate::{CallStatus, Event, FieldInvalid, Invalid};

wire_enum! {
    /// What sets an automation going.
    TriggerType, "unknown_trigger",
    /// A lead arrived, by whatever way.
    LeadCreated = "lead_created",
    /// A lead's details changed, or it came again.
    LeadUpdated = "lead_updated",
    /// A lead moved to another stage.
    LeadStatusChanged = "lead_status_changed",
    /// A lead was given to somebody.
    LeadAssigned = "lead_assigned",
    /// A call is over, answered or not.
    CallEnded = "call_ended",
    /// A call is over, and they talked.
    CallCompleted = "call_completed",
    /// A call is over, and nobody answered or the line was busy.
    CallMissed = "call_missed",
    /// A reminder was made.
    ReminderCreated = "reminder_created",
    /// The time of a reminder has come.
    ReminderDue = "reminder_due",
    /// A reminder is still to be done a quarter of an hour after it was told.
    ReminderOverdue = "reminder_overdue",
    /// A reminder was done.
    ReminderCompleted = "reminder_completed",
    /// What was asked about a lead was approved.
    ApprovalApproved = "approval_approved",
    /// What was asked about a lead was rejected.
    ApprovalRejected = "approval_rejected",
    /// A service level of a lead comes near its end.
    SlaWarned = "sla_warned",
    /// What a service level wants of a lead did not happen in time.
    SlaBreached = "sla_breached",
    /// The clock, by a schedule.
    Schedule = "schedule",
    /// A person, by asking for it.
    Manual = "manual",
}

impl TriggerType {
    /// Reads it in the spellings that frontends use: `lead.created`, `new_lead`.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_ascii_lowercase().replace(['.', '-', ' '], "_");
        let plain = match text.as_str() {
            "new_lead" => "lead_created",
            "status_changed" | "lead_stage_changed" | "lead_status_change" => "lead_status_changed",
            "missed_call" => "call_missed",
            "overdue_reminder" => "reminder_overdue",
            "scheduled" | "time" => "schedule",
            other => other,
        };
        plain.parse()
    }

    /// What kind of record it is about.
    pub const fn subject(self) -> SubjectKind {
        match self {
            Self::CallEnded | Self::CallCompleted | Self::CallMissed => SubjectKind::Call,
            Self::ReminderCreated | Self::ReminderDue | Self::ReminderOverdue | Self::ReminderCompleted => {
                SubjectKind::Reminder
            }
            Self::ApprovalApproved
            | Self::ApprovalRejected
            | Self::LeadCreated
            | Self::LeadUpdated
            | Self::LeadStatusChanged
            | Self::LeadAssigned
            | Self::SlaWarned
            | Self::SlaBreached
            | Self::Schedule
            | Self::Manual => SubjectKind::Lead,
        }
    }

    /// Whether an event is what it waits for.
    pub fn fits(self, event: &Event) -> bool {
        let kind = event.kind.as_str();
        let changed = |field: &str| event.changes.iter().find(|change| change.field == field);
        let becomes = || -> Option<CallStatus> {
            let told = if kind == "call.created" { event.data.get("status") } else { None };
            let after = changed("status").map(|change| &change.after).or(told)?;
            after.as_str()?.parse().ok()
        };
        match self {
            Self::LeadCreated => kind == "lead.created",
            Self::LeadUpdated => matches!(kind, "lead.updated" | "lead.touched" | "lead.merged"),
            Self::LeadStatusChanged => event.record == "lead" && changed("status").is_some(),
            Self::LeadAssigned => {
                let owner = changed("assigned_to").map(|change| &change.after);
                let owner = owner.or_else(|| event.data.get("assigned_to").filter(|_| kind == "lead.created"));
                event.record == "lead" && owner.is_some_and(|owner| !owner.is_null())
            }
            Self::CallEnded => event.record == "call" && becomes().is_some_and(CallStatus::is_over),
            Self::CallCompleted => event.record == "call" && becomes() == Some(CallStatus::Completed),
            Self::CallMissed => {
                event.record == "call" && matches!(becomes(), Some(CallStatus::NoAnswer | CallStatus::Busy))
            }
            Self::ReminderCreated => kind == "reminder.created",
            Self::ReminderDue => kind == "reminder.due",
            Self::ReminderOverdue => kind == "reminder.overdue",
            Self::ReminderCompleted => kind == "reminder.completed",
            Self::ApprovalApproved => kind == "approval.approved",
            Self::ApprovalRejected => kind == "approval.rejected",
            Self::SlaWarned => kind == "sla.warned",
            Self::SlaBreached => kind == "sla.breached",
            Self::Schedule | Self::Manual => false,
        }
    }
}

/// When the clock sets an automation going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorkflowSchedule)]
pub struct Schedule {
    /// Every so many minutes, 5 to 1,440.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_minutes: Option<u32>,
    /// Or each day at this time of the organization's zone: `09:00`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hours_and_minutes")]
    #[schema(value_type = Option<String>, example = "09:00")]
    pub daily_at: Option<Time>,
    /// Whether it is set going for each lead that meets its conditions, rather than once without any.
    #[serde(default)]
    pub for_each_lead: bool,
}

mod hours_and_minutes {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde hands it over so")]
    pub(super) fn serialize<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&time.strftime("%H:%M")),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::time(&text).ok_or_else(|| de::Error::custom("not a time"))).transpose()
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl Schedule {
    /// Reads `{"daily_at": "09:00"}` or `{"every_minutes": 30}`, with `for_each_lead`.
    pub fn read(value: &Value) -> Result<Self, Vec<FieldInvalid>> {
        let wrong = |field: &str, code, message| vec![FieldInvalid::new(field, Invalid::new(code, message))];
        let Value::Object(object) = value else {
            return Err(wrong("", "not_object", "must be an object with daily_at or every_minutes"));
        };
        let every_minutes = match object.get("every_minutes") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let minutes = value.as_u64().filter(|minutes| (5..=1_440).contains(minutes));
                let minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
                Some(minutes.ok_or_else(|| wrong("every_minutes", "out_of_range", "must be 5 to 1,440"))?)
            }
        };
        let daily_at = match object.get("daily_at") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let time = value.as_str().and_then(time);
                Some(time.ok_or_else(|| wrong("daily_at", "not_a_time_of_day", "must be a time such as 09:00"))?)
            }
        };
        let for_each_lead = match object.get("for_each_lead") {
            None | Some(Value::Null) => false,
            Some(value) => {
                value.as_bool().ok_or_else(|| wrong("for_each_lead", "not_boolean", "must be true or false"))?
            }
        };
        match (every_minutes, daily_at) {
            (None, None) => Err(wrong("daily_at", "required", "is required, or every_minutes")),
            (Some(_), Some(_)) => Err(wrong("daily_at", "contradiction", "goes not together with every_minutes")),
            _ => Ok(Self { every_minutes, daily_at, for_each_lead }),
        }
    }

    /// The first moment after `now`.
    pub fn next_after(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if let Some(minutes) = self.every_minutes {
            let step = i64::from(minutes) * 60;
            let next = (now.as_second().div_euclid(step) + 1) * step;
            return Timestamp::from_second(next).unwrap_or(now + SignedDuration::from_mins(i64::from(minutes)));
        }
        let time = self.daily_at.unwrap_or_else(Time::midnight);
        let today = now.to_zoned(zone.clone()).date();
        let candidates = [Some(today), today.tomorrow().ok()];
        let at = |day: jiff::civil::Date| day.to_datetime(time).to_zoned(zone.clone()).ok().map(|at| at.timestamp());
        let next = candidates.into_iter().flatten().filter_map(at).find(|at| *at > now);
        next.unwrap_or(now + SignedDuration::from_hours(24))
    }
}

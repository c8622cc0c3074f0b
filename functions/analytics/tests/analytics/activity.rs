//! What people do all day, asked of the real router, and its recount from the records.

use std::collections::BTreeMap;

use domain::call::Length;
use domain::{BranchId, Call, CallOutcome, CallStatus, Reminder, UserId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use testkit::Ask;

use crate::recount::Within;

/// Something that somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Tells of a call that is over, or begins one (`None`).
    Call {
        agent: usize,
        branch: usize,
        ended: Option<(usize, u32)>,
        outcome: usize,
    },
    Start {
        call: Index,
    },
    End {
        call: Index,
        outcome: usize,
    },
    Correct {
        call: Index,
        outcome: usize,
    },
    HandOver {
        call: Index,
        agent: usize,
    },
    DeleteCall {
        call: Index,
    },
    RestoreCall {
        call: Index,
    },
    Remind {
        agent: usize,
        minutes: i64,
    },
    Complete {
        reminder: Index,
    },
    Reopen {
        reminder: Index,
    },
    PassOn {
        reminder: Index,
        agent: usize,
    },
    DeleteReminder {
        reminder: Index,
    },
    RestoreReminder {
        reminder: Index,
    },
}

/// What a step makes.
pub(crate) enum Made {
    Call,
    Reminder,
}

const ENDS: [&str; 5] = ["completed", "failed", "busy", "no_answer", "canceled"];
const OUTCOMES: [Option<&str>; 4] = [None, Some("interested"), Some("callback"), Some("converted")];

pub(crate) fn a_step() -> impl Strategy<Value = Step> {
    let one = any::<Index>;
    let seconds = prop_oneof![Just(0_u32), 1..60_u32, 60..180_u32, 180..600_u32, 600..2_000_u32];
    let ended = prop::option::weighted(0.8, (0..ENDS.len(), seconds));
    prop_oneof![
        6 => (0..3_usize, 0..2_usize, ended, 0..OUTCOMES.len())
            .prop_map(|(agent, branch, ended, outcome)| Step::Call { agent, branch, ended, outcome }),
        1 => one().prop_map(|call| Step::Start { call }),
        2 => (one(), 0..OUTCOMES.len()).prop_map(|(call, outcome)| Step::End { call, outcome }),
        2 => (one(), 0..OUTCOMES.len()).prop_map(|(call, outcome)| Step::Correct { call, outcome }),
        1 => (one(), 0..3_usize).prop_map(|(call, agent)| Step::HandOver { call, agent }),
        1 => one().prop_map(|call| Step::DeleteCall { call }),
        1 => one().prop_map(|call| Step::RestoreCall { call }),
        2 => (0..3_usize, -600..600_i64).prop_map(|(agent, minutes)| Step::Remind { agent, minutes }),
        2 => one().prop_map(|reminder| Step::Complete { reminder }),
        1 => one().prop_map(|reminder| Step::Reopen { reminder }),
        1 => (one(), 0..3_usize).prop_map(|(reminder, agent)| Step::PassOn { reminder, agent }),
        1 => one().prop_map(|reminder| Step::DeleteReminder { reminder }),
        1 => one().prop_map(|reminder| Step::RestoreReminder { reminder }),
    ]
}

impl Step {
    pub(crate) const fn makes(&self) -> Option<Made> {
        match self {
            Self::Call { .. } => Some(Made::Call),
            Self::Remind { .. } => Some(Made::Reminder),
            _ => None,
        }
    }

    /// The request; `None` where there is nothing yet that it could be about.
    pub(crate) fn ask(
        &self,
        calls: &[String],
        reminders: &[String],
        people: &[UserId],
        branches: &[BranchId],
        now: Timestamp,
    ) -> Option<Ask> {
        let call = |at: &Index| (!calls.is_empty()).then(|| format!("/calls/{}", at.get(calls)));
        let reminder = |at: &Index| (!reminders.is_empty()).then(|| format!("/reminders/{}", at.get(reminders)));
        let post = |path: String, what: &str| Ask::post(format!("{path}/{what}"), json!({}));
        Some(match self {
            Self::Call { agent, branch, ended, outcome } => {
                let mut body =
                    json!({"phone": "9876543210", "agentId": people[*agent], "branch_id": branches[*branch]});
                if let Some((status, seconds)) = ended {
                    body["status"] = json!(ENDS[*status]);
                    body["duration_seconds"] = json!(seconds);
                    body["outcome"] = json!(OUTCOMES[*outcome]);
                }
                Ask::post("/calls", body)
            }
            Self::Start { call: at } => post(call(at)?, "start"),
            Self::End { call: at, outcome } => {
                Ask::post(format!("{}/end", call(at)?), json!({"outcome": OUTCOMES[*outcome]}))
            }
            Self::Correct { call: at, outcome } => Ask::put(call(at)?, json!({"outcome": OUTCOMES[*outcome]})),
            Self::HandOver { call: at, agent } => Ask::put(call(at)?, json!({"agentId": people[*agent]})),
            Self::DeleteCall { call: at } => Ask::delete(call(at)?),
            Self::RestoreCall { call: at } => post(call(at)?, "restore"),
            Self::Remind { agent, minutes } => {
                let due_at = now + SignedDuration::from_mins(*minutes);
                Ask::post("/reminders", json!({"title": "Call", "due_at": due_at, "agentId": people[*agent]}))
            }
            Self::Complete { reminder: at } => post(reminder(at)?, "complete"),
            Self::Reopen { reminder: at } => Ask::put(reminder(at)?, json!({"status": "pending"})),
            Self::PassOn { reminder: at, agent } => Ask::put(reminder(at)?, json!({"agentId": people[*agent]})),
            Self::DeleteReminder { reminder: at } => Ask::delete(reminder(at)?),
            Self::RestoreReminder { reminder: at } => post(reminder(at)?, "restore"),
        })
    }
}

/// The calls that `status=completed&outcome=interested,none` asks for.
pub(crate) fn some(call: &Call) -> bool {
    call.status == CallStatus::Completed && matches!(call.outcome, None | Some(CallOutcome::Interested))
}

/// The records as they are in the end; none of them is deleted.
pub(crate) struct Done {
    pub(crate) calls: Vec<Call>,
    pub(crate) reminders: Vec<Reminder>,
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The counts above 0 of a report's lines.
fn lines(report: &Value, name: &str, figure: &str) -> BTreeMap<String, u64> {
    let lines = report.as_array().expect("lines").iter();
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    lines.map(|line| (word(&line[name]), line[figure].as_u64().expect("a figure"))).filter(|(_, n)| *n > 0).collect()
}

fn tally(names: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for name in names {
        *sums.entry(name).or_default() += 1;
    }
    sums
}

impl Done {
    fn calls(&self, within: Within, days: &dyn Fn(Date) -> bool) -> Vec<(Timestamp, &Call)> {
        let over = self.calls.iter().filter_map(|call| Some((call.ended_at?, call)));
        over.filter(|(at, call)| days(day(*at)) && within.has(call.branch_id, Some(call.agent))).collect()
    }

    /// Whether an overview or a performance says what is recounted, in sum and by the day.
    pub(crate) fn is_told(&self, report: &Value, within: Within, length: i32, days: &dyn Fn(Date) -> bool) {
        let calls = self.calls(within, days);
        let connected = |call: &Call| call.status == CallStatus::Completed;
        let seconds = |call: &Call| u64::from(call.duration_seconds.unwrap_or(0));
        let told = &report["calls"];
        assert_eq!(told["total"], calls.len());
        assert_eq!(told["connected"], calls.iter().filter(|(_, call)| connected(call)).count());
        assert_eq!(told["talk_seconds"], calls.iter().map(|(_, call)| seconds(call)).sum::<u64>());
        let done = self.reminders.iter().filter_map(|reminder| Some((reminder.completed_at?, reminder)));
        let done = done.filter(|(at, of)| days(day(*at)) && within.has(of.branch_id, Some(of.agent)));
        let (late, on_time): (Vec<_>, Vec<_>) = done.partition(|(at, reminder)| *at > reminder.due_at);
        assert_eq!(report["reminders"]["late"], late.len());
        assert_eq!(report["reminders"]["on_time"], on_time.len());
        let daily = report["daily"].as_array().expect("days");
        assert_eq!(daily.len(), usize::try_from(length).expect("a length"));
        assert_eq!(lines(&report["daily"], "date", "calls"), tally(calls.iter().map(|(at, _)| day(*at).to_string())));
        let late = tally(late.iter().map(|(at, _)| day(*at).to_string()));
        assert_eq!(lines(&report["daily"], "date", "reminders_late"), late);
    }

    /// Whether a report on calls says what is recounted of those that pass.
    pub(crate) fn calls_are_told(
        &self,
        report: &Value,
        within: Within,
        days: &dyn Fn(Date) -> bool,
        pass: &dyn Fn(&Call) -> bool,
    ) {
        let calls: Vec<_> = self.calls(within, days).into_iter().filter(|(_, call)| pass(call)).collect();
        let by = |name: &dyn Fn(Timestamp, &Call) -> String| tally(calls.iter().map(|(at, call)| name(*at, call)));
        assert_eq!(report["total"], calls.len());
        assert_eq!(lines(&report["by_status"], "name", "count"), by(&|_, call| call.status.to_string()));
        let outcome = |call: &Call| call.outcome.map_or_else(|| "none".to_owned(), |outcome| outcome.to_string());
        assert_eq!(lines(&report["by_outcome"], "name", "count"), by(&|_, call| outcome(call)));
        let length = |call: &Call| json!(Length::of(call.duration_seconds.unwrap_or(0))).as_str().map(str::to_owned);
        assert_eq!(lines(&report["by_duration"], "name", "count"), by(&|_, call| length(call).expect("a word")));
        let zone = TimeZone::get("Asia/Kolkata").expect("a zone");
        let hour = |at: Timestamp| at.to_zoned(zone.clone()).hour().to_string();
        assert_eq!(lines(&report["by_hour"], "hour", "total"), by(&|at, _| hour(at)));
        assert_eq!(lines(&report["daily"], "date", "total"), by(&|at, _| day(at).to_string()));
        let seconds: u64 = calls.iter().map(|(_, call)| u64::from(call.duration_seconds.unwrap_or(0))).sum();
        assert_eq!(report["talk_seconds"], seconds);
    }
}

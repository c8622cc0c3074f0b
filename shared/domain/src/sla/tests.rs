use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::calendar::{Calendar, Week};
use crate::lead::{Arrival, LeadDetails};
use crate::pipeline::Pipeline;
use crate::{BranchId, Count, Lead, LeadId, Permissions, SlaClockId};

fn now() -> Timestamp {
    // A Friday, noon in London.
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

fn lead(pipeline: &Pipeline) -> Lead {
    let arrival = Arrival {
        id: LeadId::at(now(), [1; 10]),
        organization: OrganizationId::PLATFORM,
        branch: BranchId::at(now(), [2; 10]),
        assigned_to: None,
        pipeline,
        now: now(),
    };
    let details = LeadDetails { full_name: "Asha Example".parse().ok(), ..LeadDetails::default() };
    Lead::create(details, arrival).expect("a lead").after
}

fn policy(targets: &Value, permissions: Permissions) -> Result<SlaPolicy, Vec<FieldInvalid>> {
    let zone = TimeZone::UTC;
    let details = SlaPolicyDetails {
        name: "Answer soon".parse().expect("a name"),
        description: None,
        enabled: true,
        conditions: Conditions::default(),
        targets: SlaPolicy::read_targets(targets.as_array().expect("a list"), &zone)?,
    };
    let author = UserId::at(now(), [3; 10]);
    let writing = Writing { author, permissions, rows: Rows::All, clear: PersonalFields::ALL, zone: &zone, now: now() };
    let id = SlaPolicyId::at(now(), [4; 10]);
    SlaPolicy::create(id, OrganizationId::PLATFORM, details, &writing).map(|change| change.after)
}

fn clock(targets: &Value) -> SlaClock {
    let policy = policy(targets, Permissions::all()).expect("a policy");
    let lead = lead(&Pipeline::default());
    let calendar = Calendar::new(TimeZone::UTC, Week::usual(), Vec::new());
    let id = SlaClockId::at(now(), [5; 10]);
    let starting = Starting { id, organization: OrganizationId::PLATFORM, at: now(), calendar: &calendar, now: now() };
    SlaClock::start(Of { policy: &policy, target: &policy.targets[0], lead: &lead }, starting).after
}

fn notify(more: &Value) -> Value {
    let mut value = json!({"actions": [{"type": "notify", "to": ["owner"], "message": "Hurry"}]});
    for (name, field) in more.as_object().expect("fields") {
        value[name] = field.clone();
    }
    value
}

#[test]
fn its_moments_are_counted_in_business_hours_and_come_in_order() {
    let eight_hours = 8 * 3_600;
    let clock = clock(&json!([{
        "target": "first_response", "within": eight_hours, "warn_at_percent": 50,
        "escalations": [notify(&json!({"after": 3600})), notify(&json!({"after": 0})), notify(&json!({"at": "warning"}))],
    }]));
    let told: Vec<(String, MomentKind)> =
        clock.moments.iter().map(|moment| (moment.at.to_string(), moment.kind)).collect();
    let expected = [
        ("2026-11-20T16:00:00Z", MomentKind::Warning),
        ("2026-11-20T16:00:00Z", MomentKind::Escalation),
        ("2026-11-23T11:00:00Z", MomentKind::Breach),
        ("2026-11-23T11:00:00Z", MomentKind::Escalation),
        ("2026-11-23T12:00:00Z", MomentKind::Escalation),
    ];
    assert_eq!(told, expected.map(|(at, kind)| (at.to_owned(), kind)));
    assert_eq!(clock.due(), Some(clock.moments[0].at));
}

#[test]
fn a_target_is_read_as_it_was_written_and_everything_wrong_is_told() {
    let good = json!([
        {"target": "resolution", "within": 60, "hours": "around_the_clock", "from": "assigned", "until": ["meeting"],
         "warn_at_percent": 80, "escalations": [notify(&json!({"at": "warning"}))]},
        {"target": "first_response", "within": 60},
    ]);
    let targets = SlaPolicy::read_targets(good.as_array().expect("a list"), &TimeZone::UTC).expect("targets");
    let written: Vec<Value> = targets.iter().map(Target::written).collect();
    assert_eq!(SlaPolicy::read_targets(&written, &TimeZone::UTC).expect("the same"), targets);
    let stored: Vec<Target> = serde_json::from_value(serde_json::to_value(&targets).expect("JSON")).expect("them");
    assert_eq!(stored, targets);
    let bad = json!([
        {"target": "hurry", "within": 0, "hours": "lunch", "until": ["!"], "warn_at_percent": 100},
        {"target": "first_response", "within": 1, "until": ["meeting"], "escalations": [
            {"at": "noon", "actions": []}, notify(&json!({"at": "warning", "after": 1})), {"after": -1, "actions": [{}]},
        ]},
    ]);
    let wrong = SlaPolicy::read_targets(bad.as_array().expect("a list"), &TimeZone::UTC).expect_err("wrong");
    let mut fields: Vec<&str> = wrong.iter().map(|one| one.field.as_str()).collect();
    fields.sort_unstable();
    let expected = [
        "0.hours",
        "0.target",
        "0.until.0",
        "0.warn_at_percent",
        "0.within",
        "1.escalations.0.actions",
        "1.escalations.0.at",
        "1.escalations.1.after",
        "1.escalations.2.actions.0.type",
        "1.escalations.2.after",
        "1.until",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn nobody_has_more_done_by_a_policy_than_they_may_do() {
    let targets = json!([{"target": "first_response", "within": 60, "escalations": [
        {"after": 0, "actions": [{"type": "create_follow_up"}, {"type": "assign", "criteria": "round_robin"}]},
    ]}]);
    let wrong = policy(&targets, [Permission::RemindersWrite].into_iter().collect()).expect_err("not permitted");
    let told: Vec<(&str, &str)> = wrong.iter().map(|one| (one.field.as_str(), one.invalid.code)).collect();
    assert_eq!(told, [("targets.0.escalations.0.actions.1.type", "not_permitted")]);
    let twice = json!([{"target": "resolution", "within": 60}, {"target": "resolution", "within": 61}]);
    let wrong = policy(&twice, Permissions::all()).expect_err("twice");
    assert_eq!((wrong[0].field.as_str(), wrong[0].invalid.code), ("targets.1.target", "duplicate"));
}

#[test]
fn a_resolution_is_a_stage_that_is_named_or_else_an_end() {
    let pipeline = Pipeline::default();
    let ends = clock(&json!([{"target": "resolution", "within": 60}]));
    let named = clock(&json!([{"target": "resolution", "within": 60, "until": ["meeting"]}]));
    for stage in pipeline.stages() {
        let is_end = stage.kind != crate::pipeline::StageKind::Open;
        assert_eq!(ends.resolved_in(&stage.key, &pipeline), is_end, "{}", stage.key);
        assert_eq!(named.resolved_in(&stage.key, &pipeline), stage.key.as_str() == "meeting", "{}", stage.key);
    }
}

proptest! {
    /// However time goes by, each moment is passed once, in order and not before its time; and nothing after the end.
    #[test]
    fn each_moment_is_passed_once_and_in_order(
        within in 1..200_000_u32, percent in prop::option::of(1..=99_u8), around in any::<bool>(),
        levels in prop::collection::vec(0..500_000_u32, 0..5), leaps in prop::collection::vec(0..300_000_i64, 1..60),
        end in 0..120_usize,
    ) {
        let escalations: Vec<Value> = levels.iter().map(|seconds| notify(&json!({"after": seconds}))).collect();
        let hours = if around { "around_the_clock" } else { "business" };
        let mut clock = clock(&json!([{
            "target": "first_response", "within": within, "hours": hours, "warn_at_percent": percent,
            "escalations": escalations,
        }]));
        let (mut now, mut passed) = (now(), Vec::new());
        for (leap, seconds) in leaps.into_iter().enumerate() {
            now += SignedDuration::from_secs(seconds);
            if leap == end {
                clock = clock.met(now, now).after;
            }
            while let Some(moved) = clock.clone().pass(now) {
                let place = usize::try_from(clock.next).expect("few");
                prop_assert!(leap < end && clock.moments[place].at <= now);
                prop_assert_eq!(moved.plan.is_some(), clock.moments[place].kind == MomentKind::Escalation);
                passed.push(place);
                clock = moved.change.after;
            }
            prop_assert!(clock.due().is_none_or(|at| at > now));
        }
        prop_assert_eq!(&passed, &(0..passed.len()).collect::<Vec<_>>());
        let breached = clock.moments.iter().any(|moment| moment.kind == MomentKind::Breach && moment.passed_at.is_some());
        prop_assert_eq!(clock.breached_at.is_some(), breached);
    }

    /// Whatever becomes of a clock and whoever gets its lead, what was counted on the way is what it is counted in now.
    #[test]
    fn its_figures_are_those_of_where_it_stands(
        within in 1..10_000_u32, steps in prop::collection::vec((0..6_u8, 0..5_000_i64, any::<bool>()), 1..12),
    ) {
        let mut clock = clock(&json!([{"target": "first_response", "within": within, "hours": "around_the_clock"}]));
        let people = [UserId::at(now(), [1; 10]), UserId::at(now(), [2; 10])];
        let branches = [BranchId::at(now(), [1; 10]), BranchId::at(now(), [2; 10])];
        let (mut now, mut figures) = (now(), BTreeMap::new());
        for (what, seconds, other) in steps {
            now += SignedDuration::from_secs(seconds);
            let place = usize::from(other);
            let standing = lead(&Pipeline::default());
            let lead = Lead { branch_id: branches[place], assigned_to: Some(people[place]), ..standing };
            let change = match what {
                _ if clock.state.is_over() => None,
                // An event may be followed long after it happened, also behind the breach.
                0 => Some(clock.clone().met(now, now)),
                1 => Some(clock.clone().met(now - SignedDuration::from_secs(seconds), now)),
                2 => Some(clock.clone().cancel("lead_gone", now)),
                3 => clock.clone().follow(&lead, now),
                _ => clock.clone().pass(now).map(|passed| passed.change),
            };
            let Some(change) = change else { continue };
            for count in change.counts.clone() {
                let Count { metric, branch, owner, day, dimension, by, parts } = count;
                let figures: &mut BTreeMap<String, i64> =
                    figures.entry((metric, branch, owner, day, dimension)).or_default();
                *figures.entry("number".to_owned()).or_default() += by;
                for (part, by) in parts {
                    *figures.entry(part).or_default() += by;
                }
            }
            clock = change.after;
        }
        let standing: Vec<_> = figures
            .into_iter()
            .map(|((_, branch, owner, ..), mut figures)| {
                figures.retain(|_, figure| *figure != 0);
                (branch, owner, figures)
            })
            .filter(|(_, _, figures)| !figures.is_empty())
            .collect();
        let is_met = clock.state == ClockState::Met;
        let in_time = is_met && clock.ended_at.is_some_and(|at| at <= clock.due_at);
        let late = is_met && !in_time;
        let names: &[&str] = match () {
            () if in_time => &["met", "number"],
            () if late => &["breached", "late", "number"],
            () if clock.breached_at.is_some() => &["breached", "number"],
            () => &[],
        };
        let expected: BTreeMap<String, i64> = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let expected: Vec<_> =
            if expected.is_empty() { vec![] } else { vec![(Some(clock.branch_id), clock.assigned_to, expected)] };
        prop_assert_eq!(standing, expected);
    }

    #[test]
    fn nothing_that_people_write_breaks_the_reader_of_targets(field in "[a-z_]{1,12}", value in "\\PC{0,20}") {
        let values = [json!({&field: &value}), json!({"escalations": [{&field: &value}]}), json!(&value)];
        let _ = SlaPolicy::read_targets(&values[..2], &TimeZone::UTC);
        let _ = SlaPolicy::read_targets(&values[1..], &TimeZone::UTC);
    }
}

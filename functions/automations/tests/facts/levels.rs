//! Service levels: events start and stop their clocks, the clock moves them, the engine does what is to be done.

use domain::automation::{RunStatus, TriggerType};
use domain::call::Ending;
use domain::pipeline::MoveContext;
use domain::sla::{ClockState, MomentKind, SlaPolicyDetails, TargetKind};
use domain::{CallOutcome, CallStatus, Lead, Rows, SlaClock, SlaPolicy, SlaPolicyId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Fault;
use store::ListQuery;

use crate::support::{MANY, Office};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A level of these targets; those that were read before are believed no more.
pub(crate) async fn a_level(office: &Office, targets: Value, conditions: Value) -> SlaPolicy {
    let (platform, zone) = (&office.world.platform, jiff::tz::TimeZone::UTC);
    let details = SlaPolicyDetails {
        name: "Answer soon".parse().expect("a name"),
        description: None,
        enabled: true,
        conditions: domain::automation::Conditions::read(&conditions, domain::automation::SubjectKind::Lead, &zone)
            .expect("conditions"),
        targets: SlaPolicy::read_targets(targets.as_array().expect("a list"), &zone).expect("targets"),
    };
    let id = SlaPolicyId::at(platform.now(), platform.random());
    let change = SlaPolicy::create(id, office.tenant.organization, details, &office.writing(Rows::All, &zone));
    let policy = platform.table().commit(&office.grant, change.expect("a level")).await.expect("a level");
    office.world.clock.advance(runtime::BELIEVED);
    policy
}

fn remind(title: &str) -> Value {
    json!([{"type": "create_reminder", "title": title, "due_in_days": 60}])
}

/// An hour around the clock, warned of after half of it, with something to be done at each step.
fn an_hour(target: &str) -> Value {
    json!([{"target": target, "within": 3600, "hours": "around_the_clock", "warn_at_percent": 50, "escalations": [
        {"at": "warning", "actions": remind("soon")}, {"after": 0, "actions": remind("late")},
        {"after": 7200, "actions": remind("very late")},
    ]}])
}

async fn clock(office: &Office, policy: &SlaPolicy, target: TargetKind, lead: &Lead) -> Option<SlaClock> {
    let id = office.world.platform.sla_clock_id(policy.id, target, lead.id);
    store::there(office.world.platform.table().get_to_change(&office.grant, id).await).expect("it can be read")
}

async fn first(office: &Office, policy: &SlaPolicy, lead: &Lead) -> SlaClock {
    clock(office, policy, TargetKind::FirstResponse, lead).await.expect("a clock")
}

async fn titles(office: &Office) -> Vec<String> {
    let mut made: Vec<_> = office.reminders().await.into_iter().map(|one| (one.meta.created_at, one.title)).collect();
    made.sort();
    made.into_iter().map(|(_, title)| title.to_string()).collect()
}

/// Somebody moves a lead to another stage.
async fn moves(office: &Office, lead: &Lead, to: &str, by_a_person: bool) {
    let (lead, pipeline) = (office.lead(lead.id).await, office.pipeline().await);
    let context = MoveContext { may_skip: true, reason: Some("A reason") };
    let now = office.world.platform.now();
    let change = lead.move_to(&to.parse().expect("a stage"), &context, &pipeline.pipeline, now).expect("it moves");
    let grant = if by_a_person { office.acting().await } else { office.grant.clone() };
    office.world.platform.table().commit(&grant, change).await.expect("it moves");
    office.settle().await;
}

#[tokio::test]
async fn nobody_answers_and_each_step_comes_once_and_in_order() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let started = first(&office, &policy, &lead).await;
    assert_eq!((started.state, started.due_at), (ClockState::Running, lead.meta.created_at + HOUR));
    for (minutes, state, done) in [
        (29, ClockState::Running, vec![]),
        (1, ClockState::Warned, vec!["soon"]),
        (30, ClockState::Breached, vec!["soon", "late"]),
        (119, ClockState::Breached, vec!["soon", "late"]),
        (1, ClockState::Breached, vec!["soon", "late", "very late"]),
        (10_000, ClockState::Breached, vec!["soon", "late", "very late"]),
    ] {
        office.wait(SignedDuration::from_mins(minutes)).await;
        office.wait(SignedDuration::ZERO).await;
        assert_eq!(first(&office, &policy, &lead).await.state, state);
        assert_eq!(titles(&office).await, done);
    }
    let ended = first(&office, &policy, &lead).await;
    assert_eq!((ended.next, ended.breached_at), (5, Some(started.due_at)));
}

#[tokio::test]
async fn a_month_that_goes_by_at_once_leaves_nothing_out() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(HOUR * 24 * 30).await;
    let clock = first(&office, &policy, &lead).await;
    let passed: Vec<MomentKind> =
        clock.moments.iter().filter(|one| one.passed_at.is_some()).map(|one| one.kind).collect();
    let expected = [MomentKind::Warning, MomentKind::Escalation, MomentKind::Breach, MomentKind::Escalation];
    assert_eq!((&passed[..4], passed.len()), (&expected[..], 5));
    let mut titles = titles(&office).await;
    titles.sort();
    assert_eq!(titles, ["late", "soon", "very late"]);
}

#[tokio::test]
async fn a_call_or_a_move_by_a_person_is_a_response_and_an_automations_is_not() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let (called, moved) =
        (office.a_lead("Asha Example", json!({})).await, office.a_lead("Ravi Example", json!({})).await);
    office.settle().await;
    office.world.clock.advance(SignedDuration::from_mins(10));
    moves(&office, &moved, "assessment", false).await;
    assert_eq!(first(&office, &policy, &moved).await.state, ClockState::Running);
    office.a_call(&called, CallStatus::NoAnswer, None).await;
    moves(&office, &moved, "meeting", true).await;
    for lead in [&called, &moved] {
        let met = first(&office, &policy, lead).await;
        assert_eq!((met.state, met.ended_at), (ClockState::Met, Some(office.world.platform.now())));
    }
    office.wait(HOUR * 48).await;
    assert!(titles(&office).await.is_empty());
}

#[tokio::test]
async fn what_comes_late_is_met_all_the_same_and_what_follows_stops() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(HOUR).await;
    office.a_call(&lead, CallStatus::Completed, Some(CallOutcome::Interested)).await;
    office.settle().await;
    let met = first(&office, &policy, &lead).await;
    assert_eq!((met.state, met.breached_at.is_some()), (ClockState::Met, true));
    office.wait(HOUR * 5).await;
    let mut titles = titles(&office).await;
    titles.sort();
    assert_eq!(titles, ["late", "soon"], "the last step is not done");
}

#[tokio::test]
async fn a_resolution_is_an_end_or_a_stage_that_is_named_whoever_moves_it() {
    let office = Office::new().await;
    let ends = a_level(&office, an_hour("resolution"), Value::Null).await;
    let mut named = an_hour("resolution");
    named[0]["until"] = json!(["meeting"]);
    let named = a_level(&office, named, Value::Null).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let pipeline = office.pipeline().await;
    let lost = pipeline.pipeline.stages().iter().find(|stage| stage.kind == domain::pipeline::StageKind::Lost);
    for (to, states) in [
        ("assessment", [ClockState::Running, ClockState::Running]),
        ("meeting", [ClockState::Running, ClockState::Met]),
        (lost.expect("a stage").key.as_str(), [ClockState::Met, ClockState::Met]),
    ] {
        moves(&office, &lead, to, false).await;
        for (policy, state) in [&ends, &named].into_iter().zip(states) {
            let clock = clock(&office, policy, TargetKind::Resolution, &lead).await.expect("a clock");
            assert_eq!(clock.state, state, "{to}");
        }
    }
}

#[tokio::test]
async fn a_clock_runs_for_leads_that_meet_the_conditions_from_when_it_is_told_to() {
    let office = Office::new().await;
    let mut assigned = an_hour("first_response");
    assigned[0]["from"] = json!("assigned");
    let policy = a_level(&office, assigned, json!({"priority": "high", "wants": "care"})).await;
    let other = a_level(&office, an_hour("first_response"), json!({"wants": "nothing"})).await;
    let lead = office.a_lead_of("Asha Example", json!({"wants": "care"}), None).await;
    office.settle().await;
    assert!(clock(&office, &policy, TargetKind::FirstResponse, &lead).await.is_none());
    office.world.clock.advance(HOUR);
    let pipeline = office.pipeline().await;
    for _ in 0..2 {
        let lead = office.lead(lead.id).await;
        let priority =
            domain::Change::update(lead.clone(), Lead { priority: domain::Priority::High, ..lead }, "lead.updated");
        let lead = office.world.platform.table().commit(&office.grant, priority).await.expect("it changes");
        let change = lead.assign(Some(office.agent.user), None, &pipeline.pipeline, office.world.platform.now());
        office.world.platform.table().commit(&office.grant, change).await.expect("it is assigned");
        office.settle().await;
    }
    let started = first(&office, &policy, &lead).await;
    assert_eq!((started.started_at, started.assigned_to), (office.world.platform.now(), Some(office.agent.user)));
    assert!(clock(&office, &other, TargetKind::FirstResponse, &lead).await.is_none());
}

#[tokio::test]
async fn a_clock_goes_on_by_what_it_began_with_and_ends_with_its_policy_or_its_lead() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let (one, gone) = (office.a_lead("Asha Example", json!({})).await, office.a_lead("Ravi Example", json!({})).await);
    office.settle().await;
    let (table, zone) = (office.world.platform.table(), jiff::tz::TimeZone::UTC);
    let slower = json!([{"target": "first_response", "within": 86_400}]);
    let patch = domain::sla::SlaPolicyPatch {
        targets: Some(SlaPolicy::read_targets(slower.as_array().expect("a list"), &zone).expect("targets")),
        ..Default::default()
    };
    let change = policy.clone().update(patch, &office.writing(Rows::All, &zone)).expect("a change");
    let policy = table.commit(&office.grant, change).await.expect("it changes");
    let now = office.world.platform.now();
    table
        .commit(&office.grant, office.lead(gone.id).await.delete(&office.pipeline().await.pipeline, now))
        .await
        .expect("it goes");
    office.settle().await;
    let ended = first(&office, &policy, &gone).await;
    assert_eq!((ended.state, ended.reason.as_deref()), (ClockState::Cancelled, Some("lead_gone")));
    office.wait(HOUR).await;
    let breached = first(&office, &policy, &one).await;
    assert_eq!((breached.state, breached.revision), (ClockState::Breached, 1));
    table.commit(&office.grant, policy.clone().delete(office.world.platform.now())).await.expect("it goes");
    office.wait(HOUR * 3).await;
    let ended = first(&office, &policy, &one).await;
    assert_eq!((ended.state, ended.reason.as_deref()), (ClockState::Cancelled, Some("policy_deleted")));
    assert_eq!(titles(&office).await.len(), 2);
}

#[tokio::test]
async fn a_warning_and_a_breach_set_automations_going() {
    let office = Office::new().await;
    a_level(
        &office,
        json!([{"target": "first_response", "within": 7200, "hours": "around_the_clock", "warn_at_percent": 50}]),
        Value::Null,
    )
    .await;
    let warned = office.on(TriggerType::SlaWarned, json!("source == 'facebook'"), remind("near")).await;
    let breached = office.on(TriggerType::SlaBreached, Value::Null, remind("over")).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(HOUR).await;
    assert_eq!((titles(&office).await, office.runs(&breached).await.len()), (vec!["near".to_owned()], 0));
    office.wait(HOUR).await;
    assert_eq!(titles(&office).await, ["near", "over"]);
    assert_eq!((office.runs(&warned).await.len(), office.runs(&breached).await.len()), (1, 1));
}

#[tokio::test]
async fn events_may_come_often_in_any_order_and_to_two_workers() {
    let office = Office::new().await;
    let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
    let (waits, called) =
        (office.a_lead("Asha Example", json!({})).await, office.a_lead("Ravi Example", json!({})).await);
    let call = office.a_call(&called, CallStatus::InProgress, None).await;
    let ended =
        call.end(Ending { status: None, outcome: None, notes: None, follow_up: None }, office.world.platform.now());
    office.world.platform.table().commit(&office.grant, ended.expect("it ends")).await.expect("it ends");
    let mut news = office.news().await;
    news.reverse();
    for _ in 0..3 {
        let (one, other) = tokio::join!(office.follow(&news), office.follow(&news));
        assert!(one && other);
        news.reverse();
    }
    assert_eq!(first(&office, &policy, &waits).await.state, ClockState::Running);
    assert_eq!(first(&office, &policy, &called).await.state, ClockState::Met);
    for _ in 0..4 {
        office.world.clock.advance(HOUR);
        let (one, other) = tokio::join!(office.tick(), office.tick());
        assert!(one && other, "two clocks at once");
        assert!(office.follow(&news).await);
        office.settle().await;
    }
    assert_eq!(titles(&office).await.len(), 3);
    let query = ListQuery::new(domain::Slot::Two, "lead", waits.id.to_string(), MANY);
    let clocks = office.world.platform.table().list::<SlaClock>(&office.grant, &query, |_| true).await.expect("clocks");
    // Started, and five moments.
    assert_eq!((clocks.records.len(), clocks.records[0].meta.version), (1, 6));
}

/// Everything goes on as if nothing had been, at whichever write it strikes.
async fn at_any_write(fault: Fault) {
    for write in 1.. {
        let office = Office::new().await;
        let policy = a_level(&office, an_hour("first_response"), Value::Null).await;
        let (waits, called) =
            (office.a_lead("Asha Example", json!({})).await, office.a_lead("Ravi Example", json!({})).await);
        office.kill(write, fault);
        // The worker and the clock may die at each of their writes, and come back.
        for _ in 0..2 {
            office.settle().await;
            office.world.clock.advance(SignedDuration::from_mins(31));
            office.tick().await;
        }
        office.settle().await;
        let struck = office.revive();
        office.a_call(&called, CallStatus::NoAnswer, None).await;
        for _ in 0..4 {
            office.wait(HOUR).await;
        }
        let what = format!("{fault:?} at write {write}");
        let (one, other) = (first(&office, &policy, &waits).await, first(&office, &policy, &called).await);
        assert_eq!((one.state, one.next), (ClockState::Breached, 5), "{what}");
        assert_eq!(other.state, ClockState::Met, "{what}");
        let runs = office.runs_of(&policy).await;
        assert!(runs.iter().all(|run| run.status == RunStatus::Completed), "{what}: {runs:?}");
        let of = |lead: &Lead| {
            runs.iter()
                .filter(|run| run.owner == lead.assigned_to && run.chain[0].subject == lead.id.to_string())
                .count()
        };
        let done = other.moments.iter().filter(|moment| moment.passed_at.is_some() && !moment.steps.is_empty()).count();
        assert_eq!((of(&waits), of(&called)), (3, done), "{what}");
        assert_eq!(titles(&office).await.len(), 3 + done, "{what}");
        if !struck {
            assert!(write > 8, "there are so many writes: {write}");
            return;
        }
    }
}

#[tokio::test]
async fn a_worker_and_a_clock_may_die_before_any_write() {
    at_any_write(Fault::CrashBefore).await;
}

#[tokio::test]
async fn a_worker_and_a_clock_may_die_after_any_write() {
    at_any_write(Fault::CrashAfter).await;
}

#[tokio::test]
async fn the_answer_to_any_write_may_be_lost() {
    at_any_write(Fault::Unanswered).await;
}

#[tokio::test]
async fn any_write_may_cross_another() {
    at_any_write(Fault::Conflict).await;
}

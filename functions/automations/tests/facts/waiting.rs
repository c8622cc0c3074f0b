//! Steps that have their time, schedules, pauses and versions.

use domain::automation::{RunStatus, Step, SubjectKind, TriggerType, WorkflowPatch, WorkflowStatus};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::support::Office;

const A_DAY: SignedDuration = SignedDuration::from_hours(24);

fn remind(title: &str, delay: u32) -> Value {
    json!({"type": "create_reminder", "title": title, "delay": delay, "due_in_days": 60})
}

async fn titles(office: &Office) -> Vec<String> {
    let mut made: Vec<_> = office.reminders().await.into_iter().map(|one| (one.meta.created_at, one.title)).collect();
    made.sort();
    made.into_iter().map(|(_, title)| title.to_string()).collect()
}

#[tokio::test]
async fn over_a_month_each_wait_ends_once_and_in_order() {
    let office = Office::new().await;
    let actions = json!([
        remind("at once", 0), remind("a day later", 86_400), {"type": "wait", "delay": 864_000},
        remind("behind the wait", 0), remind("after three weeks", 21 * 86_400),
    ]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    assert_eq!(titles(&office).await, ["at once"]);
    for day in 1..=30 {
        office.wait(A_DAY).await;
        // A second clock does no harm.
        office.wait(SignedDuration::ZERO).await;
        let done = match day {
            0 => 1,
            1..=10 => 2,
            11..=20 => 3,
            _ => 4,
        };
        assert_eq!(titles(&office).await.len(), done, "on day {day}");
    }
    assert_eq!(titles(&office).await, ["at once", "a day later", "behind the wait", "after three weeks"]);
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    assert_eq!((run.status, run.results.len(), run.look_at), (RunStatus::Completed, 5, None));
}

#[tokio::test]
async fn a_wait_may_last_a_year() {
    let office = Office::new().await;
    let year = domain::automation::MAX_DELAY;
    office.on(TriggerType::LeadCreated, Value::Null, json!([remind("a year later", year)])).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(SignedDuration::from_secs(i64::from(year) - 1)).await;
    assert!(titles(&office).await.is_empty());
    office.wait(SignedDuration::from_secs(1)).await;
    assert_eq!(titles(&office).await, ["a year later"]);
}

#[tokio::test]
async fn a_run_ends_on_the_version_it_began_with() {
    let office = Office::new().await;
    let actions = json!([remind("old, first", 0), remind("old, second", 3_600)]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let step = Step::read(&remind("new", 0), SubjectKind::Lead, &TimeZone::UTC).expect("a step");
    let changed =
        office.change(workflow.id, WorkflowPatch { steps: Some(vec![step]), ..WorkflowPatch::default() }).await;
    assert_eq!(changed.revision, 2);
    office.wait(SignedDuration::from_hours(1)).await;
    assert_eq!(titles(&office).await, ["old, first", "old, second"]);
    office.wait(SignedDuration::from_secs(1)).await;
    office.a_lead("Bina Example", json!({})).await;
    office.settle().await;
    assert_eq!(titles(&office).await, ["old, first", "old, second", "new"]);
    let revisions: Vec<u32> = office.runs(&workflow).await.iter().map(|run| run.plan.revision).collect();
    assert_eq!(revisions, [2, 1]);
}

#[tokio::test]
async fn while_it_is_paused_nothing_begins_and_what_began_stands_still() {
    let office = Office::new().await;
    let actions = json!([remind("first", 0), remind("second", 3_600)]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let set = |status| WorkflowPatch { status: Some(status), ..WorkflowPatch::default() };
    office.change(workflow.id, set(WorkflowStatus::Paused)).await;
    office.wait(SignedDuration::from_hours(2)).await;
    office.a_lead("Bina Example", json!({})).await;
    office.settle().await;
    assert_eq!(titles(&office).await, ["first"]);
    office.change(workflow.id, set(WorkflowStatus::Active)).await;
    office.wait(SignedDuration::from_mins(15)).await;
    assert_eq!(titles(&office).await, ["first", "second"]);
    assert_eq!(office.runs(&workflow).await.len(), 1);
}

#[tokio::test]
async fn what_stays_paused_for_a_month_ends_and_so_does_what_is_deleted() {
    let office = Office::new().await;
    let actions = json!([remind("never", 3_600)]);
    let paused = office.on(TriggerType::LeadCreated, Value::Null, actions.clone()).await;
    let deleted = office.on(TriggerType::LeadCreated, Value::Null, actions.clone()).await;
    let gone = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let set = |status| WorkflowPatch { status: Some(status), ..WorkflowPatch::default() };
    office.change(paused.id, set(WorkflowStatus::Paused)).await;
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    table.commit(&office.grant, deleted.clone().delete(now)).await.expect("it is deleted");
    let lead = office.lead(lead.id).await;
    table.commit(&office.grant, lead.delete(&office.pipeline().await.pipeline, now)).await.expect("it is deleted");
    for _ in 0..33 {
        office.wait(A_DAY).await;
    }
    for (workflow, reason) in [(&paused, "paused"), (&deleted, "deleted"), (&gone, "subject_gone")] {
        let [run] = &office.runs(workflow).await[..] else { panic!("one run") };
        assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Cancelled, Some(reason)));
    }
    assert!(titles(&office).await.is_empty());
}

#[tokio::test]
async fn a_schedule_sets_it_going_once_each_time_whoever_looks() {
    let office = Office::new().await;
    let tell = json!([{"type": "notify", "to": "author", "title": "Good morning", "message": "Look at the board."}]);
    let workflow = office.scheduled(json!({"daily_at": "09:00"}), Value::Null, tell).await;
    for _ in 0..72 {
        office.wait(SignedDuration::from_hours(1)).await;
        office.wait(SignedDuration::ZERO).await;
    }
    assert_eq!(office.runs(&workflow).await.len(), 3);
    assert_eq!(office.told(office.admin.user).await.len(), 3);
}

#[tokio::test]
async fn a_schedule_may_go_through_the_leads_that_meet_its_conditions() {
    let office = Office::new().await;
    for number in 0..130 {
        office.a_lead(&format!("Old Lead {number}"), json!({})).await;
    }
    office.wait(A_DAY * 8).await;
    office.a_lead("New Lead", json!({})).await;
    let schedule = json!({"every_minutes": 60, "for_each_lead": true});
    let asked = json!({"days_since_created": ">=7"});
    let workflow = office.scheduled(schedule, asked, json!([remind("idle", 0)])).await;
    office.wait(SignedDuration::from_hours(1)).await;
    assert_eq!(titles(&office).await.len(), 130);
    let sweep = office.runs(&workflow).await.into_iter().find(|run| run.sweep.is_some()).expect("a sweep");
    assert_eq!((sweep.status, sweep.sweep.expect("it is one").begun), (RunStatus::Completed, 130));
}

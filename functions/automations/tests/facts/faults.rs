//! Workers die and messages come twice; each event sets a rule going once, and each step is done once.

use domain::automation::{RunStatus, TriggerType};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Fault;

use crate::support::Office;

fn everything() -> Value {
    json!([
        {"type": "create_reminder", "title": "Call {{ name }}"},
        {"type": "update_status", "status": "assessment"},
        {"type": "notify", "to": ["owner", "author"], "message": "{{ name }} is here"},
        {"type": "wait", "delay": 600},
        {"type": "send_email", "subject": "Hello", "message": "Hello {{ name }}"},
        {"type": "assign", "agentId": null, "criteria": "round_robin"},
        {"type": "create_follow_up"},
    ])
}

async fn all_was_done_once(office: &Office, workflow: &domain::Workflow, lead: &domain::Lead, what: &str) {
    let runs = office.runs(workflow).await;
    let [run] = &runs[..] else { panic!("{what}: {} runs", runs.len()) };
    assert_eq!((run.status, run.results.len()), (RunStatus::Completed, 7), "{what}: {run:?}");
    assert_eq!(office.reminders().await.len(), 2, "{what}");
    assert_eq!(office.messages().await.len(), 1, "{what}");
    let lead = office.lead(lead.id).await;
    assert_eq!((lead.status.as_str(), lead.meta.version), ("assessment", 2), "{what}");
    for user in [office.agent.user, office.admin.user] {
        let told = office.told(user).await;
        let told = told.iter().filter(|one| one.notice.message.as_str() == "Asha Example is here").count();
        assert_eq!(told, 1, "{what}");
    }
}

/// Everything goes on as if nothing had been, at whichever write it strikes; at every other one only, to be quicker.
async fn at_any_write(fault: Fault, first: u64) {
    for write in (first..).step_by(2) {
        let office = Office::new().await;
        let workflow = office.on(TriggerType::LeadCreated, Value::Null, everything()).await;
        let lead = office.a_lead("Asha Example", json!({})).await;
        office.kill(write, fault);
        office.settle().await;
        office.world.clock.advance(SignedDuration::from_mins(11));
        let _ = tick::handle(&office.world.platform, &Value::Null).await;
        office.settle().await;
        let struck = office.revive();
        for _ in 0..3 {
            office.wait(SignedDuration::from_mins(11)).await;
        }
        all_was_done_once(&office, &workflow, &lead, &format!("{fault:?} at write {write}")).await;
        if !struck {
            assert!(write > 15, "there are so many writes: {write}");
            return;
        }
    }
}

#[tokio::test]
async fn a_worker_may_die_before_any_write() {
    at_any_write(Fault::CrashBefore, 1).await;
}

#[tokio::test]
async fn a_worker_may_die_after_any_write() {
    at_any_write(Fault::CrashAfter, 2).await;
}

#[tokio::test]
async fn the_answer_to_any_write_may_be_lost() {
    at_any_write(Fault::Unanswered, 1).await;
}

#[tokio::test]
async fn any_write_may_cross_another() {
    at_any_write(Fault::Conflict, 2).await;
}

#[tokio::test]
async fn an_event_may_come_often_and_to_two_workers_and_so_may_a_message() {
    let office = Office::new().await;
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, everything()).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    let news = office.news().await;
    for _ in 0..3 {
        let (one, other) = tokio::join!(office.follow(&news), office.follow(&news));
        assert!(one && other);
    }
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    let once = [office.message(run)];
    let twice = [once.clone(), once.clone()].concat();
    for _ in 0..4 {
        let (one, other) = tokio::join!(office.bring(&once), office.bring(&twice));
        assert!(one.is_empty() && other.is_empty());
    }
    office.settle().await;
    office.world.clock.advance(SignedDuration::from_mins(10));
    let (one, other) = tokio::join!(office.bring(&twice), office.bring(&once));
    assert!(one.is_empty() && other.is_empty());
    // The event again, after all is over.
    assert!(office.follow(&news).await);
    office.wait(SignedDuration::from_mins(11)).await;
    all_was_done_once(&office, &workflow, &lead, "repeated").await;
}

#[tokio::test]
async fn a_run_that_lost_its_message_is_found_by_the_clock() {
    let office = Office::new().await;
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, json!([{"type": "create_follow_up"}])).await;
    office.a_lead("Asha Example", json!({})).await;
    let news = office.news().await;
    assert!(office.follow(&news).await);
    // Somebody took the message and died.
    let url = office.world.platform.settings().automations_queue.clone().expect("a queue");
    office.world.standins.sqs.client().purge_queue().queue_url(url).send().await.expect("it is empty");
    office.settle().await;
    assert!(office.reminders().await.is_empty());
    office.wait(domain::automation::LEASE).await;
    assert_eq!((office.reminders().await.len(), office.runs(&workflow).await[0].status), (1, RunStatus::Completed));
}

#[tokio::test]
async fn what_is_no_step_comes_back_and_an_unknown_run_does_not() {
    let office = Office::new().await;
    let unknown = r#"{"organization": "org_00000000000000000000000000", "run": "wrun_00000000000000000000000000"}"#;
    assert_eq!(office.bring(&["{}".to_owned(), unknown.to_owned()]).await, ["0"]);
}

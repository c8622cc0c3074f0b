//! Automations do not set themselves going for ever.

use domain::Role;
use domain::automation::{MAX_CHAIN, MAX_RUNS_AN_EVENT, RunStatus, TriggerType};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::Office;

#[tokio::test]
async fn two_that_undo_each_other_stop_and_say_so() {
    let office = Office::new().await;
    let to = |stage: &str| json!([{"type": "update_status", "status": stage, "reason": "back and forth"}]);
    let there = office.on(TriggerType::LeadStatusChanged, json!({"status": "lead"}), to("assessment")).await;
    let back = office.on(TriggerType::LeadStatusChanged, json!({"status": "assessment"}), to("lead")).await;
    let first = office.on(TriggerType::LeadCreated, Value::Null, to("assessment")).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let mut runs = Vec::new();
    for workflow in [&first, &there, &back] {
        runs.extend(office.runs(workflow).await);
    }
    let stopped: Vec<_> = runs.iter().filter(|run| run.status == RunStatus::Skipped).collect();
    assert_eq!((runs.len(), stopped.len()), (4, 1), "{runs:?}");
    assert_eq!(stopped[0].reason.as_deref(), Some("loop"));
}

#[tokio::test]
async fn a_chain_of_different_ones_ends_too() {
    let office = Office::new().await;
    let mut people = vec![office.agent.user];
    for _ in 0..=MAX_CHAIN {
        people.push(office.world.a_person(&office.tenant, Role::Agent, office.tenant.branch).await.user);
    }
    let mut last = None;
    for pair in people.windows(2) {
        let actions = json!([{"type": "assign", "agentId": pair[1]}]);
        last = Some(office.on(TriggerType::LeadAssigned, json!({"assigned_to": pair[0]}), actions).await);
    }
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    assert_eq!(office.lead(lead.id).await.assigned_to, Some(people[MAX_CHAIN]));
    let [run] = &office.runs(&last.expect("a workflow")).await[..] else { panic!("one run") };
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Skipped, Some("chain_too_long")));
    assert_eq!(run.chain.len(), MAX_CHAIN + 1);
}

#[tokio::test]
async fn what_comes_later_of_a_reminder_belongs_to_the_same_chain() {
    let office = Office::new().await;
    let again = json!([{"type": "create_reminder", "title": "Again", "due_in": 60}]);
    office.on(TriggerType::LeadCreated, Value::Null, again.clone()).await;
    let workflow = office.on(TriggerType::ReminderDue, Value::Null, again).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    for _ in 0..10 {
        office.wait(SignedDuration::from_mins(2)).await;
    }
    assert_eq!(office.reminders().await.len(), MAX_CHAIN);
    let runs = office.runs(&workflow).await;
    assert_eq!(runs.iter().filter(|run| run.reason.as_deref() == Some("chain_too_long")).count(), 1);
}

#[tokio::test]
async fn one_event_sets_so_many_going_and_tells_of_the_others() {
    let office = Office::new().await;
    let mut workflows = Vec::new();
    for _ in 0..MAX_RUNS_AN_EVENT + 3 {
        let actions = json!([{"type": "create_follow_up"}]);
        workflows.push(office.on(TriggerType::LeadCreated, Value::Null, actions).await);
    }
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let mut runs = Vec::new();
    for workflow in &workflows {
        runs.extend(office.runs(workflow).await);
    }
    assert_eq!((runs.len(), office.reminders().await.len()), (workflows.len(), MAX_RUNS_AN_EVENT));
    assert_eq!(runs.iter().filter(|run| run.reason.as_deref() == Some("too_many_runs")).count(), 3);
}

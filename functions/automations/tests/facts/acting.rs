//! What the actions do, and for what records.

use domain::assignment::{Member, Pool};
use domain::automation::{RunStatus, StepOutcome, TriggerType};
use domain::{AssignmentPool, Communication, Membership, Recipient, Role, Rows};
use providers::WebhookRefused;
use serde_json::{Value, json};

use crate::support::Office;

/// The admissions product's own example.
fn sequence() -> Value {
    json!([
        {"type": "send_email", "delay": 0, "template": "welcome"},
        {"type": "send_sms", "delay": 3600, "message": "Thank you for interest"},
        {"type": "assign_counselor", "delay": 7200, "criteria": "specialization"},
    ])
}

#[tokio::test]
async fn the_admissions_sequence_runs_for_those_who_meet_its_conditions() {
    let office = Office::new().await;
    let conditions = json!({"source": "facebook", "qualification": "MBBS", "experience": ">2"});
    let workflow = office.on(TriggerType::LeadCreated, conditions, sequence()).await;
    let knows = office.world.a_person(&office.tenant, Role::Counselor, office.tenant.branch).await;
    let table = office.world.platform.table();
    let before: Membership = table.get_to_change(&office.grant, Membership::id_of(knows.user)).await.expect("one");
    let after = Membership { department: Some("mbbs".into()), ..before.clone() };
    table.commit(&office.grant, domain::Change::update(before, after, "membership.updated")).await.expect("it");
    let id = AssignmentPool::id_of(office.tenant.organization);
    let pool: AssignmentPool = table.get_to_change(&office.grant, id).await.expect("a pool");
    let members = vec![Member::new(office.agent.user), Member::new(knows.user)];
    let change = pool.edit(Pool::new(members).expect("a pool"), office.world.platform.now());
    table.commit(&office.grant, change).await.expect("a pool");

    office.a_lead_of("Too Fresh", json!({"qualification": "MBBS", "experience": 2}), None).await;
    office.a_lead_of("Other Subject", json!({"qualification": "BDS", "experience": 3}), None).await;
    let lead = office.a_lead_of("Asha Example", json!({"qualification": "MBBS", "experience": 3}), None).await;
    office.settle().await;
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    assert_eq!(run.status, RunStatus::Waiting);
    let [letter] = &office.messages().await[..] else { panic!("one message") };
    let spoken = letter.communication.expect("it stands on her timeline");
    let spoken: Communication = table.get(&office.grant, spoken).await.expect("a communication");
    assert!(spoken.content.is_some_and(|text| text.as_str().starts_with("Hello Asha Example")));
    assert_eq!((spoken.lead_id, spoken.message_id), (Some(lead.id), Some(letter.id)));
    for _ in 0..2 {
        office.wait(jiff::SignedDuration::from_hours(1)).await;
    }
    let channels: Vec<bool> =
        office.messages().await.iter().map(|message| matches!(message.to, Recipient::Sms(_))).collect();
    assert_eq!((channels.len(), channels.iter().filter(|sms| **sms).count()), (2, 1));
    assert_eq!(office.lead(lead.id).await.assigned_to, Some(knows.user));
    assert_eq!(office.runs(&workflow).await[0].status, RunStatus::Completed);
}

#[tokio::test]
async fn an_expression_is_another_way_to_say_the_same() {
    let office = Office::new().await;
    let asked = json!("source == \"facebook\" && (experience > 2 || !has(email)) && status in ['lead', 'meeting']");
    let notify = json!([{"type": "notify", "message": "{{ name }} of {{ source }}"}]);
    let workflow = office.on(TriggerType::LeadCreated, asked, notify).await;
    office.a_lead("Too Fresh", json!({"experience": 1})).await;
    office.a_lead("Asha Example", json!({"experience": "5"})).await;
    office.settle().await;
    assert_eq!(office.runs(&workflow).await.len(), 1);
    let told = office.told(office.agent.user).await;
    assert!(told.iter().any(|one| one.notice.message.as_str() == "Asha Example of facebook"), "{told:?}");
}

#[tokio::test]
async fn turns_go_round_and_whoever_has_a_lead_keeps_it() {
    let office = Office::new().await;
    let other = office.world.a_person(&office.tenant, Role::Agent, office.tenant.branch).await;
    let table = office.world.platform.table();
    let id = AssignmentPool::id_of(office.tenant.organization);
    let pool: AssignmentPool = table.get_to_change(&office.grant, id).await.expect("a pool");
    let members = Pool::new(vec![Member::new(office.agent.user), Member::new(other.user)]).expect("a pool");
    table.commit(&office.grant, pool.edit(members, office.world.platform.now())).await.expect("a pool");
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, json!([{"type": "assign_lead"}])).await;
    let mut owners = Vec::new();
    for number in 0..4 {
        let lead = office.a_lead_of(&format!("Lead {number}"), json!({}), None).await;
        office.settle().await;
        owners.push(office.lead(lead.id).await.assigned_to.expect("an owner"));
    }
    for user in [office.agent.user, other.user] {
        assert_eq!(owners.iter().filter(|owner| **owner == user).count(), 2);
    }
    office.a_lead("Owned Already", json!({})).await;
    office.settle().await;
    let run = &office.runs(&workflow).await[0];
    assert_eq!((run.status, run.results[0].detail.as_deref()), (RunStatus::Completed, Some("already_assigned")));
}

#[tokio::test]
async fn a_step_that_cannot_be_done_is_told_and_the_next_is_done() {
    let office = Office::new().await;
    let actions = json!([
        {"type": "update_status", "status": "nowhere"},
        {"type": "update_status", "status": "lead"},
        {"type": "create_reminder", "title": "High score", "conditions": {"score": ">=101"}},
        {"type": "update_status", "status": "assessment"},
        {"type": "create_follow_up", "due_in_days": 1},
    ]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    let outcomes: Vec<(StepOutcome, Option<&str>)> =
        run.results.iter().map(|result| (result.outcome, result.detail.as_deref())).collect();
    assert_eq!(
        outcomes,
        [
            (StepOutcome::Failed, Some("unknown_stage")),
            (StepOutcome::Skipped, Some("already_there")),
            (StepOutcome::Skipped, Some("conditions")),
            (StepOutcome::Done, Some("lead to assessment")),
            (StepOutcome::Done, None),
        ]
    );
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(office.lead(lead.id).await.status.as_str(), "assessment");
    assert_eq!(office.reminders().await.len(), 1);
}

#[tokio::test]
async fn a_machine_is_told_with_an_id_and_its_refusal_is_kept() {
    let office = Office::new().await;
    let actions = json!([{"type": "call_webhook", "url": "https://hooks.example/leads"}]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, actions).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    let [call] = &office.world.webhooks.calls()[..] else { panic!("one call") };
    assert_eq!((call.id.clone(), call.url.as_str()), (format!("{}.0", run.id), "https://hooks.example/leads"));
    let body: Value = serde_json::from_str(&call.body).expect("JSON");
    assert_eq!(body["record"]["id"], lead.id.to_string());
    assert_eq!(body["event"]["type"], "lead.created");
    office.world.webhooks.refuse(Some(WebhookRefused::Forbidden));
    office.a_lead("Bina Example", json!({})).await;
    office.settle().await;
    let run = &office.runs(&workflow).await[0];
    assert_eq!((run.status, run.results[0].detail.as_deref()), (RunStatus::Failed, Some("webhook_forbidden")));
}

#[tokio::test]
async fn an_automation_acts_within_the_rows_of_whoever_wrote_it() {
    let office = Office::new().await;
    let actions = json!([{"type": "create_follow_up"}]);
    let details = Office::details(TriggerType::LeadCreated, Value::Null, actions);
    let elsewhere = Rows::Branches { branches: vec![office.tenant.other_branch] };
    let workflow = office.write(details, None, elsewhere).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    assert!(office.runs(&workflow).await.is_empty() && office.reminders().await.is_empty());
}

#[tokio::test]
async fn a_role_is_told_where_the_record_is_and_each_of_them_once() {
    let office = Office::new().await;
    let (here, there) = (office.tenant.branch, office.tenant.other_branch);
    let manager = office.world.a_person(&office.tenant, Role::Manager, here).await;
    let elsewhere = office.world.a_person(&office.tenant, Role::Manager, there).await;
    let to = json!([manager.user, "role:manager", "owner"]);
    let notify = json!([{"type": "notify", "to": to, "message": "{{ name }} came", "channels": ["in_app"]}]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, notify).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let ours = |told: Vec<domain::Notification>| {
        told.iter().filter(|one| one.notice.message.as_str() == "Asha Example came").count()
    };
    let mut told = Vec::new();
    for person in [manager.user, office.agent.user, elsewhere.user, office.admin.user] {
        told.push(ours(office.told(person).await));
    }
    assert_eq!(told, [1, 1, 0, 0]);
    assert_eq!(office.runs(&workflow).await[0].status, RunStatus::Completed);
}

#[tokio::test]
async fn of_a_role_with_many_no_more_are_told_than_a_step_may_tell() {
    let office = Office::new().await;
    for _ in 0..domain::automation::MAX_TOLD + 3 {
        office.world.a_person(&office.tenant, Role::Counselor, office.tenant.branch).await;
    }
    let notify = json!([{"type": "notify", "to": "role:counselor", "message": "Look"}]);
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, notify).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(run.results[0].ids.len(), domain::automation::MAX_TOLD);
}

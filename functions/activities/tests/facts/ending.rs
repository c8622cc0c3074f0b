//! What ends with a call.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Ground, id, wrong};

async fn lead(ground: &Ground, lead: &str) -> Value {
    Ask::get(format!("/leads/{lead}")).by(&ground.admin).of(&ground.leads).await.data(200)
}

#[tokio::test]
async fn the_lead_moves_with_the_call_by_the_pipelines_rules() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead_id = ground.a_lead(&agent).await;
    let call = ground.post("/calls", json!({"lead_id": lead_id, "phone": "9876543210"}), &agent).await.data(201);
    let (path, end) = (format!("/calls/{}", id(&call)), format!("/calls/{}/end", id(&call)));
    ground.post(format!("{path}/start"), json!({}), &agent).await.expect(200);

    let skipped = ground.post(&end, json!({"lead_status": "converted"}), &agent).await;
    assert_eq!(skipped.expect(422).wrong(), wrong(&[("lead_status", "skip_not_allowed")]));
    let lost = ground.post(&end, json!({"lead_status": "lost"}), &agent).await;
    assert_eq!(lost.expect(422).wrong(), wrong(&[("reason", "reason_required")]));
    assert_eq!(ground.get(&path, &agent).await["status"], "in_progress", "nothing was written");

    let body = json!({"lead_status": "assessment", "outcome": "interested", "notes": "They want to know more."});
    let ended = ground.post(&end, body.clone(), &agent).await.data(200);
    assert_eq!((&ended["status"], &ended["notes"]), (&json!("completed"), &body["notes"]));
    let moved = lead(&ground, &lead_id).await;
    assert_eq!((&moved["status"], &moved["version"]), (&json!("assessment"), &json!(2)));
    assert_eq!(ground.post(&end, json!({"lead_status": "meeting"}), &agent).await.data(200), ended);
    assert_eq!(lead(&ground, &lead_id).await, moved, "what is over moves nothing");
}

#[tokio::test]
async fn a_call_without_a_lead_moves_none() {
    let ground = Ground::new().await;
    let call = ground.post("/calls", json!({"phone": "9876543210"}), &ground.admin).await.data(201);
    let answer = ground.post(format!("/calls/{}/end", id(&call)), json!({"lead_status": "assessment"}), &ground.admin);
    assert_eq!(answer.await.expect(422).wrong(), wrong(&[("lead_status", "no_lead")]));
}

#[tokio::test]
async fn of_many_endings_at_once_one_counts() {
    let ground = Ground::new().await;
    let lead_id = ground.a_lead(&ground.admin).await;
    let body = json!({"lead_id": lead_id, "phone": "9876543210"});
    let call = ground.post("/calls", body, &ground.admin).await.data(201);
    let end = format!("/calls/{}/end", id(&call));
    let body = json!({"outcome": "interested", "lead_status": "assessment"});
    let answers = futures::future::join_all((0..8).map(|_| ground.post(&end, body.clone(), &ground.admin))).await;
    let seen: Vec<Value> = answers.iter().map(|answer| answer.data(200)).collect();
    assert!(seen.iter().all(|answer| *answer == seen[0]));
    assert_eq!(lead(&ground, &lead_id).await["version"], 2);
    assert_eq!(ground.figures("calls").await, [("no_answer|interested".to_owned(), 1)]);
}

#[tokio::test]
async fn a_follow_up_is_made_once_with_the_end_of_the_call() {
    let ground = Ground::new().await;
    let (agent, manager) = (ground.person(Role::Agent).await, ground.person(Role::Manager).await);
    let lead_id = ground.a_lead(&agent).await;
    let body = json!({"lead_id": lead_id, "phone": "9876543210", "agentId": agent.user});
    let call = ground.post("/calls", body, &manager).await.data(201);
    let end = format!("/calls/{}/end", id(&call));

    let wrong_body = json!({"follow_up": {"title": 7, "priority": "now"}});
    let refused = ground.post(&end, wrong_body, &agent).await;
    let expected =
        [("follow_up.due_at", "required"), ("follow_up.title", "not_text"), ("follow_up.priority", "unknown_priority")];
    assert_eq!(refused.expect(422).wrong(), wrong(&expected));
    let refused = ground.post(&end, json!({"follow_up": {"due_at": "2126-01-01T00:00:00Z"}}), &agent).await;
    assert_eq!(refused.expect(422).wrong(), wrong(&[("follow_up.due_at", "too_far")]));

    let follow_up = json!({"due_at": "2026-11-21T08:00:00Z", "priority": "high"});
    let body = json!({"outcome": "callback", "lead_status": "assessment", "follow_up": follow_up});
    let ended = ground.post(&end, body.clone(), &manager).await.data(200);
    assert_eq!(ground.post(&end, body, &manager).await.data(200), ended);
    let list = ground.get("/reminders", &agent).await;
    let reminders = list["reminders"].as_array().expect("a list");
    assert_eq!(reminders.len(), 1);
    let reminder = &reminders[0];
    assert_eq!((&reminder["id"], &reminder["call_id"]), (&ended["follow_up_id"], &call["id"]));
    assert_eq!((&reminder["lead_id"], &reminder["agentId"]), (&json!(lead_id), &json!(agent.user)));
    assert_eq!((&reminder["title"], &reminder["priority"]), (&json!("Call back"), &json!("high")));
    assert_eq!(lead(&ground, &lead_id).await["status"], "assessment");
}

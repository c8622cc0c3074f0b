//! Automations are set going by people, and tell what came of it.

use aws_lambda_events::event::sqs::SqsEvent;
use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, a_rule, text};

async fn work(desk: &Desk, run: &str) {
    let body = json!({"organization": desk.tenant.organization, "run": run}).to_string();
    let records = json!({"Records": [{"messageId": "0", "body": body, "attributes": {}, "messageAttributes": {}}]});
    let event: SqsEvent = serde_json::from_value(records).expect("an event");
    let response = Box::pin(automations::handle(&desk.world.platform, event)).await;
    assert!(response.batch_item_failures.is_empty());
}

#[tokio::test]
async fn a_person_sets_one_going_for_a_record_and_sees_what_came_of_it() {
    let desk = Desk::new().await;
    let (id, lead) = (desk.made(a_rule()).await, desk.lead(json!({})).await);
    let body = json!({"trigger_data": {"lead_id": lead}});
    let run = desk.ask(Ask::post(format!("/v1/automation/workflows/{id}/execute"), body)).await.data(201);
    assert_eq!((&run["status"], &run["subject"]), (&json!("queued"), &json!({"type": "lead", "id": lead})));
    assert_eq!(run["started_by"], desk.admin.user.to_string());
    work(&desk, &text(&run["id"])).await;
    let runs = desk.ask(Ask::get(format!("/v1/automation/{id}/runs"))).await.data(200);
    let done = &runs["runs"][0];
    assert_eq!((&done["id"], &done["status"]), (&run["id"], &json!("completed")));
    assert_eq!(done["results"][0]["outcome"], "done");
    let one = desk.ask(Ask::get(format!("/v1/automation/runs/{}", text(&run["id"])))).await.data(200);
    assert_eq!(&one, done);
    let waiting = desk.ask(Ask::get(format!("/v1/automation/{id}/runs?status=waiting"))).await.data(200);
    assert_eq!(waiting["runs"], json!([]));
}

#[tokio::test]
async fn conditions_hold_for_people_too_and_a_paused_one_stands_still() {
    let desk = Desk::new().await;
    let mut body = a_rule();
    body["conditions"] = json!({"source": "web"});
    let (id, lead) = (desk.made(body).await, desk.lead(json!({})).await);
    let path = format!("/v1/automation/workflows/{id}/execute");
    let run = desk.ask(Ask::post(&path, json!({"lead_id": lead}))).await.data(201);
    assert_eq!((&run["status"], &run["reason"]), (&json!("skipped"), &json!("conditions")));
    desk.ask(Ask::post(&path, json!({}))).await.expect(422);
    desk.ask(Ask::put(format!("/v1/automation/{id}"), json!({"is_active": false}))).await.expect(200);
    let refused = desk.ask(Ask::post(&path, json!({"lead_id": lead}))).await;
    assert_eq!(refused.expect(409).json()["code"], "paused");
}

#[tokio::test]
async fn one_about_calls_takes_a_call() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post("/v1/automation/from-template/missed_call_follow_up", json!({}))).await.data(201);
    let lead = desk.lead(json!({})).await;
    let call = desk.missed_call(&lead).await;
    let path = format!("/v1/automation/workflows/{}/execute", text(&made["id"]));
    let wrong = desk.ask(Ask::post(&path, json!({"lead_id": lead}))).await.expect(422).wrong();
    assert_eq!(wrong[0].0, "call_id");
    let run = desk.ask(Ask::post(&path, json!({"trigger_data": {"call_id": call}}))).await.data(201);
    work(&desk, &text(&run["id"])).await;
    let one = desk.ask(Ask::get(format!("/v1/automation/runs/{}", text(&run["id"])))).await.data(200);
    assert_eq!(one["status"], "completed");
}

#[tokio::test]
async fn whoever_reaches_a_branch_sees_the_runs_of_its_records() {
    let desk = Desk::new().await;
    let (id, lead) = (desk.made(a_rule()).await, desk.lead(json!({})).await);
    let path = format!("/v1/automation/workflows/{id}/execute");
    let run = desk.ask(Ask::post(&path, json!({"lead_id": lead}))).await.data(201);
    let here = desk.person(Role::Manager).await;
    let there = desk.world.a_person(&desk.tenant, Role::Manager, desk.tenant.other_branch).await;
    for (person, seen) in [(&here, 1), (&there, 0)] {
        let runs = Ask::get(format!("/v1/automation/{id}/runs")).by(person).of(&desk.router).await.data(200);
        assert_eq!(runs["runs"].as_array().map(Vec::len), Some(seen));
        let one = Ask::get(format!("/v1/automation/runs/{}", text(&run["id"]))).by(person).of(&desk.router).await;
        one.expect(if seen == 1 { 200 } else { 404 });
    }
    let refused = Ask::post(&path, json!({"lead_id": lead})).by(&there).of(&desk.router).await;
    assert_eq!(refused.expect(422).wrong(), [("lead_id".to_owned(), "unknown_record".to_owned())]);
    let none: Value = Ask::get("/v1/automation").by(&here).of(&desk.router).await.data(200);
    assert_eq!(none["rules"].as_array().map(Vec::len), Some(1), "automations are the whole organization's");
}

//! A dry run tells what an automation would do, and does nothing.

use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, a_rule};

#[tokio::test]
async fn a_dry_run_tells_each_condition_and_each_action_and_writes_nothing() {
    let desk = Desk::new().await;
    let lead = desk.lead(json!({"custom_fields": {"experience": "5"}})).await;
    let id = desk
        .made(json!({
            "name": "All", "trigger": "lead_created",
            "conditions": {"source": "facebook", "experience": ">2", "score": {"lte": 100}},
            "actions": [
                {"type": "create_reminder", "title": "Call {{ name }}", "due_in_minutes": 30, "delay": 60},
                {"type": "update_status", "status": "meeting"},
                {"type": "update_status", "status": "lead"},
                {"type": "send_sms", "message": "Hello"},
                {"type": "notify", "message": "Never", "conditions": "score > 100"},
                {"type": "wait", "delay": 3600},
            ],
        }))
        .await;
    desk.world.settle().await;
    let trace = desk.ask(Ask::post(format!("/v1/automation/{id}/test"), json!({"lead_id": lead}))).await.data(200);
    assert_eq!((&trace["would_run"], &trace["trigger"]["matched"]), (&json!(true), &json!(true)));
    let conditions = trace["conditions"].as_array().expect("a list");
    let seen: Vec<(&Value, &Value)> = conditions.iter().map(|one| (&one["value"], &one["met"])).collect();
    assert_eq!(seen[..2], [(&json!("facebook"), &json!(true)), (&json!("5"), &json!(true))]);
    let actions = trace["actions"].as_array().expect("a list");
    let outcomes: Vec<(&Value, &Value)> = actions.iter().map(|one| (&one["outcome"], &one["detail"])).collect();
    assert_eq!(
        outcomes,
        [
            (&json!("done"), &Value::Null),
            // An administrator may skip stages.
            (&json!("done"), &Value::Null),
            (&json!("skipped"), &json!("already_there")),
            (&json!("failed"), &json!("no_phone")),
            (&json!("skipped"), &json!("conditions")),
            (&json!("done"), &Value::Null),
        ]
    );
    assert_eq!(actions[0]["would"]["title"], "Call Asha Example");
    let written = desk.world.stream().await.iter().filter_map(store::StreamImage::from_stream).collect::<Vec<_>>();
    let is_ours = |image: &&store::StreamImage| image.sk == "record" || image.sk.starts_with("event#");
    assert_eq!(written.iter().filter(is_ours).count(), 0, "a dry run writes nothing");
}

#[tokio::test]
async fn a_lead_and_an_event_may_be_made_up() {
    let desk = Desk::new().await;
    let id = desk
        .made(json!({
            "name": "Move", "trigger": "lead_status_changed", "conditions": "previous.status == 'lead' && course == 'BDS'",
            "actions": [{"type": "create_follow_up"}],
        }))
        .await;
    let path = format!("/v1/automation/{id}/test");
    let changes = json!({"status": {"before": "lead", "after": "assessment"}});
    let record = json!({"full_name": "Made Up", "course": "BDS", "status": "assessment"});
    for (event, expected) in [
        (json!({"type": "lead.stage_changed", "changes": changes}), (true, true)),
        (json!({"type": "lead.stage_changed", "changes": {"status": {"before": "x", "after": "y"}}}), (true, false)),
        (json!({"type": "lead.updated", "changes": {"city": {"before": null, "after": "Pune"}}}), (false, false)),
    ] {
        let trace = desk.ask(Ask::post(&path, json!({"record": record, "event": event}))).await.data(200);
        assert_eq!((&trace["trigger"]["matched"], &trace["would_run"]), (&json!(expected.0), &json!(expected.1)));
    }
    let wrong = desk.ask(Ask::post(&path, json!({"record": {"email": "no"}}))).await.expect(422).wrong();
    assert_eq!(wrong[0].0, "record.email");
    desk.ask(Ask::post(&path, json!({}))).await.expect(422);
}

#[tokio::test]
async fn a_record_of_the_wrong_kind_or_of_nobody_is_refused() {
    let desk = Desk::new().await;
    let id = desk.made(a_rule()).await;
    let path = format!("/v1/automation/{id}/test");
    for body in [
        json!({"call_id": "call_01kaf0v3hteb9s1z6vqk4m2x8y"}),
        json!({"lead_id": "lead_01kaf0v3hteb9s1z6vqk4m2x8y"}),
        json!({"lead_id": "x"}),
    ] {
        assert_eq!(desk.ask(Ask::post(&path, body)).await.expect(422).wrong()[0].0, "lead_id");
    }
}

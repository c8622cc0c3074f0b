//! Rules for notifications: when this happens, tell these people over these channels.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, a_rule, text};

const PATH: &str = "/v1/notifications/rules";

fn hot_leads() -> Value {
    json!({
        "name": "A hot lead", "event": "lead.created", "conditions": {"priority": "high"},
        "to": ["owner", "manager", "role:manager"], "channels": ["push", "in_app"],
        "title": "{{ name }} waits", "message": "Call them at once", "priority": "urgent",
    })
}

#[tokio::test]
async fn a_rule_is_an_automation_that_tells_people_and_is_found_as_both() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post(PATH, hot_leads())).await.data(201);
    assert_eq!((&made["event"], &made["to"]), (&json!("lead_created"), &json!(["owner", "manager", "role:manager"])));
    assert_eq!((&made["channels"], &made["is_active"]), (&json!(["in_app", "push"]), &json!(true)));
    assert_eq!((&made["notification_type"], &made["revision"]), (&json!("alert"), &json!(1)));
    let id = text(&made["id"]);
    assert_eq!(desk.ask(Ask::get(format!("{PATH}/{id}"))).await.data(200), made);
    assert_eq!(desk.ask(Ask::get(PATH)).await.data(200)["rules"], json!([made]));
    let automation = desk.ask(Ask::get(format!("/v1/automation/{id}"))).await.data(200);
    assert_eq!(automation["actions"][0]["type"], "send_notification");
    // What was shown can be sent back as it is.
    let again = desk.ask(Ask::put(format!("{PATH}/{id}"), made.clone())).await.data(200);
    assert_eq!(again["version"], made["version"]);
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_name() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post(PATH, hot_leads())).await.data(201);
    let path = format!("{PATH}/{}", text(&made["id"]));
    let changed = desk.ask(Ask::put(&path, json!({"message": "Call {{ name }}", "channels": null}))).await.data(200);
    assert_eq!((&changed["message"], &changed["channels"]), (&json!("Call {{ name }}"), &Value::Null));
    assert_eq!((&changed["to"], &changed["conditions"]), (&made["to"], &made["conditions"]));
    assert_eq!(changed["revision"], 2);
    let off = desk.ask(Ask::new("PATCH", &path).json(&json!({"is_active": false}))).await.data(200);
    assert_eq!((&off["is_active"], &off["revision"]), (&json!(false), &json!(2)));
    desk.ask(Ask::delete(&path)).await.expect(200);
    desk.ask(Ask::get(&path)).await.expect(404);
    let restored = format!("/v1/automation/{}/restore", text(&made["id"]));
    desk.ask(Ask::post(restored, json!({}))).await.expect(200);
    assert_eq!(desk.ask(Ask::get(&path)).await.data(200)["is_active"], false);
}

#[tokio::test]
async fn an_automation_that_does_anything_else_is_no_rule() {
    let desk = Desk::new().await;
    let mut later = json!({"name": "Later", "trigger": "lead_created"});
    later["actions"] = json!([{"type": "notify", "message": "Look", "delay": 60}]);
    let mut two = later.clone();
    two["actions"] = json!([{"type": "notify", "message": "Look"}, {"type": "notify", "message": "Again"}]);
    let by_the_clock = json!({
        "name": "Daily", "trigger": "schedule", "schedule": {"every_minutes": 60},
        "actions": [{"type": "notify", "message": "Look"}],
    });
    for body in [a_rule(), later, two, by_the_clock] {
        let path = format!("{PATH}/{}", desk.made(body).await);
        desk.ask(Ask::get(&path)).await.expect(404);
        desk.ask(Ask::put(&path, json!({"message": "Mine"}))).await.expect(404);
        desk.ask(Ask::delete(&path)).await.expect(404);
    }
    assert_eq!(desk.ask(Ask::get(PATH)).await.data(200)["rules"], json!([]));
}

#[tokio::test]
async fn each_wrong_field_is_named_as_the_rule_calls_it() {
    let desk = Desk::new().await;
    let wrong = json!({
        "name": "", "event": "schedule", "conditions": {"nothing": 1}, "to": ["nobody"], "channels": ["pigeon"],
        "title": 5, "priority": "soon", "notification_type": "gossip", "is_active": "maybe",
    });
    let mut fields: Vec<String> =
        desk.ask(Ask::post(PATH, wrong)).await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    let expected =
        ["channels", "event", "is_active", "message", "name", "notification_type", "priority", "title", "to"];
    assert_eq!(fields, expected);
    for (body, field) in [
        (json!({"to": ["role:rol_01k0000000e008000000000000"]}), "to"),
        (json!({"to": ["usr_01k0000000e008000000000000"]}), "to"),
        (json!({"message": null}), "message"),
        (json!({"event": null}), "event"),
    ] {
        let mut asked = hot_leads();
        for (name, value) in body.as_object().expect("fields") {
            asked[name] = value.clone();
        }
        let wrong = desk.ask(Ask::post(PATH, asked)).await.expect(422).wrong();
        assert_eq!(wrong.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), [field], "{body}");
    }
}

#[tokio::test]
async fn whoever_only_reads_automations_makes_no_rule() {
    let desk = Desk::new().await;
    let viewer = desk.person(Role::Viewer).await;
    let refused = Ask::post(PATH, hot_leads()).by(&viewer).of(&desk.router).await;
    refused.expect(403);
}

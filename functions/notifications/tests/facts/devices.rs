//! Browsers that are pushed to.

use domain::Role;
use serde_json::{Value, json};
use standins::Push;
use testkit::{Ask, Person};

use crate::support::{House, text};

fn subscription(name: &str, label: &str) -> Value {
    let mut body = serde_json::to_value(Push::subscription(name)).expect("JSON");
    body["label"] = label.into();
    body
}

async fn register(house: &House, person: &Person, name: &str) -> Value {
    house.by(person, Ask::post("/devices", subscription(name, name))).await.data(201)
}

async fn labels(house: &House, person: &Person) -> Vec<String> {
    let list = house.by(person, Ask::get("/devices")).await.data(200);
    list["devices"].as_array().expect("a list").iter().map(|one| text(&one["label"])).collect()
}

#[tokio::test]
async fn a_browser_registers_and_its_secrets_are_told_to_nobody() {
    let house = House::new().await;
    let registered = house.by(&house.agent, Ask::post("/devices", subscription("phone", "Phone"))).await;
    let device = registered.data(201);
    assert_eq!(registered.header("location"), Some(&*format!("/devices/{}", text(&device["id"]))));
    assert_eq!((&device["service"], &device["label"]), (&json!("push.sampark.example"), &json!("Phone")));
    let seen = house.get(&format!("/devices/{}", text(&device["id"]))).await;
    let body = String::from_utf8(seen.expect(200).bytes.clone()).expect("text");
    let Value::Object(keys) = subscription("phone", "")["keys"].clone() else { panic!("keys") };
    for secret in keys.values() {
        assert!(!body.contains(secret.as_str().expect("a text")));
    }
    assert!(!body.contains("/phone"), "whoever knows its address may push");
    let key = house.get("/notifications/push-key").await.data(200);
    assert_eq!(text(&key["public_key"]).len(), 87);
}

#[tokio::test]
async fn a_browser_is_one_device_and_belongs_to_whoever_signed_in_there_last() {
    let house = House::new().await;
    let first = register(&house, &house.agent, "shared").await;
    let again = register(&house, &house.agent, "shared").await;
    assert_eq!(first["id"], again["id"]);
    let theirs = register(&house, &house.admin, "shared").await;
    assert_eq!((&theirs["id"], &theirs["user_id"]), (&first["id"], &json!(house.admin.user)));
    assert!(labels(&house, &house.agent).await.is_empty());
    assert_eq!(labels(&house, &house.admin).await, ["shared"]);
}

#[tokio::test]
async fn of_more_than_twenty_the_one_used_least_lately_goes() {
    let house = House::new().await;
    for number in 0..20 {
        register(&house, &house.agent, &format!("d{number:02}")).await;
        house.later(60);
    }
    register(&house, &house.agent, "d00").await;
    house.later(60);
    register(&house, &house.agent, "new").await;
    let mut left = labels(&house, &house.agent).await;
    left.sort_unstable();
    let mut expected: Vec<String> =
        (0..20).filter(|number| *number != 1).map(|number| format!("d{number:02}")).collect();
    expected.push("new".into());
    assert_eq!(left, expected);
}

#[tokio::test]
async fn anothers_device_is_not_there() {
    let house = House::new().await;
    let id = text(&register(&house, &house.agent, "phone").await["id"]);
    let colleague = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    let (_, stranger) = house.world.an_admin().await;
    for person in [&colleague, &house.admin, &stranger] {
        house.by(person, Ask::get(format!("/devices/{id}"))).await.expect(404);
        house.by(person, Ask::delete(format!("/devices/{id}"))).await.expect(404);
        assert!(labels(&house, person).await.is_empty());
    }
    house.by(&house.agent, Ask::delete(format!("/devices/{id}"))).await.expect(200);
    house.get(&format!("/devices/{id}")).await.expect(404);
    register(&house, &house.admin, "phone").await;
}

#[tokio::test]
async fn what_no_browser_would_send_is_refused() {
    let house = House::new().await;
    let body = json!({
        "endpoint": "http://push.example/a", "keys": {"p256dh": "short", "auth": "short"}, "expirationTime": 1,
    });
    let wrong = house.by(&house.agent, Ask::post("/devices", body)).await;
    let fields: Vec<String> = wrong.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["endpoint", "keys.p256dh", "keys.auth", "expirationTime"]);
    let wrong = house.by(&house.agent, Ask::post("/devices", json!({}))).await;
    let fields: Vec<String> = wrong.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["endpoint", "keys"]);
}

#[tokio::test]
async fn the_ways_of_a_notification_are_told_to_who_may_see_it() {
    let house = House::new().await;
    let id = text(&house.tell(house.agent.user, json!({})).await["id"]);
    let path = format!("/notifications/{id}/deliveries");
    assert_eq!(house.get(&path).await.data(200), json!({"deliveries": []}));
    let (_, stranger) = house.world.an_admin().await;
    house.by(&stranger, Ask::get(&path)).await.expect(404);
    house.by(&house.admin, Ask::get(&path)).await.expect(200);
}

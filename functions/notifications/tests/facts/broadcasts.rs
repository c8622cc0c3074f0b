//! Many are told at once, and whoever sent it sees how far it is.

use aws_lambda_events::event::sqs::SqsEvent;
use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{House, text, titles};

/// Works through the queue.
async fn work(house: &House) {
    let url = house.world.platform.settings().broadcasts_queue.clone().expect("a queue");
    let client = house.world.standins.sqs.client();
    loop {
        let answer = client.receive_message().queue_url(&url).send().await.expect("messages");
        let Some(message) = answer.messages.unwrap_or_default().pop() else { return };
        let record = json!({"messageId": "1", "body": message.body, "attributes": {}, "messageAttributes": {}});
        let event: SqsEvent = serde_json::from_value(json!({"Records": [record]})).expect("an event");
        assert!(broadcasts::handle(&house.world.platform, event).await.batch_item_failures.is_empty());
        let receipt = message.receipt_handle.unwrap_or_default();
        client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("it is deleted");
    }
}

fn body(more: &Value) -> Value {
    let mut body = json!({"title": "Maintenance", "message": "Tonight at two."});
    body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    body
}

#[tokio::test]
async fn named_people_are_told_in_the_background() {
    let house = House::new().await;
    let named = json!({"user_ids": [house.agent.user, house.agent.user], "type": "warning", "priority": "high"});
    let answer = house.by(&house.admin, Ask::post("/notifications/broadcast", body(&named))).await;
    let sent = answer.data(202);
    assert_eq!((&sent["status"], &sent["progress"]), (&json!("processing"), &json!({"delivered": 0, "skipped": 0})));
    work(&house).await;
    let path = answer.header("location").expect("a place").to_owned();
    let done = house.by(&house.admin, Ask::get(&path)).await.data(200);
    assert_eq!((&done["status"], &done["progress"]["delivered"]), (&json!("completed"), &json!(1)));
    let list = house.get("/notifications").await.data(200);
    assert_eq!(titles(&list), ["Maintenance"]);
    let one = &list["notifications"][0];
    assert_eq!((&one["type"], &one["priority"]), (&json!("warning"), &json!("high")));
    assert_eq!((&one["broadcast_id"], &one["created_by"]), (&sent["id"], &json!(house.admin.user)));
    let list = house.by(&house.admin, Ask::get("/notifications/broadcasts")).await.data(200);
    assert_eq!(list["broadcasts"], json!([done]));
}

#[tokio::test]
async fn the_system_tells_everybody_in_the_senders_reach() {
    let house = House::new().await;
    let manager = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    let elsewhere = house.world.a_person(&house.tenant, Role::Agent, house.tenant.other_branch).await;
    let sent = house.by(&manager, Ask::post("/notifications/system", body(&json!({})))).await.data(202);
    assert_eq!((&sent["type"], &sent["audience"]), (&json!("system"), &json!({"who": "everybody"})));
    work(&house).await;
    assert_eq!(titles(&house.get("/notifications?type=system").await.data(200)), ["Maintenance"]);
    let none = house.by(&elsewhere, Ask::get("/notifications")).await.data(200);
    assert_eq!(none["notifications"], json!([]));
    // Its sender sees it, and whoever reaches all rows.
    let other = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    let path = format!("/notifications/broadcasts/{}", text(&sent["id"]));
    for (person, expected) in [(&manager, 200), (&house.admin, 200), (&other, 404), (&house.agent, 403)] {
        house.by(person, Ask::get(&path)).await.expect(expected);
    }
    let list = house.by(&other, Ask::get("/notifications/broadcasts")).await.data(200);
    assert_eq!(list["broadcasts"], json!([]));
}

#[tokio::test]
async fn a_broadcast_names_who_is_there_and_in_reach() {
    let house = House::new().await;
    let manager = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    let elsewhere = house.world.a_person(&house.tenant, Role::Agent, house.tenant.other_branch).await;
    let (other, _) = house.world.an_admin().await;
    for (more, field, code) in [
        (json!({}), "user_ids", "required"),
        (json!({"user_ids": [elsewhere.user]}), "user_ids.0", "unknown_user"),
        (json!({"branch_ids": [house.tenant.other_branch]}), "branch_ids.0", "unknown_branch"),
        (json!({"branch_ids": [other.branch]}), "branch_ids.0", "unknown_branch"),
        (json!({"roles": ["agent", "role_01kaf0v3hteb9s1z6vqk4m2x8y"]}), "roles.1", "unknown_role"),
        (json!({"everybody": true, "roles": ["agent"]}), "user_ids", "contradiction"),
        (json!({"user_ids": vec![house.agent.user; 501]}), "user_ids", "too_many"),
    ] {
        let refused = house.by(&manager, Ask::post("/notifications/broadcast", body(&more))).await;
        assert_eq!(refused.expect(422).wrong(), [(field.into(), code.into())]);
    }
    house.by(&house.agent, Ask::post("/notifications/broadcast", body(&json!({"everybody": true})))).await.expect(403);
}

//! What an organization asks of its own sending.

use serde_json::json;
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn they_begin_with_quiet_nights_and_are_merged() {
    let house = House::new().await;
    let begun = house.get("/communication-settings").await.data(200);
    assert_eq!(begun["quiet_hours"], json!({"from": "21:00", "to": "09:00"}));
    assert_eq!(begun["tracking"], true);
    let put = |body| Ask::put("/communication-settings", body).by(&house.admin).of(&house.router);
    let body =
        json!({"daily_caps": {"sms": 1, "email": null}, "dlt": {"header": "EXAMPL"}, "sender_name": "Example Ltd"});
    let now = put(body).await.data(200);
    assert_eq!(now["daily_caps"], json!({"email": null, "sms": 1, "whatsapp": 5, "phone": 5}));
    let now = put(json!({"quiet_hours": null, "dlt": {"entity_id": "1".repeat(19), "required": true}})).await.data(200);
    assert_eq!((&now["quiet_hours"], &now["dlt"]["header"]), (&json!(null), &json!("EXAMPL")));
    let now = put(json!({"tracking": false})).await.data(200);
    assert_eq!((&now["tracking"], &now["sender_name"]), (&json!(false), &json!("Example Ltd")));
    assert_eq!(put(json!({"require_consent": true})).await.data(200)["tracking"], false, "what is absent stays");
    let wrong = put(json!({
        "quiet_hours": {"from": "25:00"}, "daily_caps": {"sms": -1}, "dlt": {"entity_id": 7}, "require_consent": "yes",
        "tracking": null,
    }));
    let wrong: Vec<String> = wrong.await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    let named =
        ["quiet_hours.from", "quiet_hours.to", "daily_caps.sms", "require_consent", "dlt.entity_id", "tracking"];
    assert_eq!(wrong, named);
    for body in [json!({"quiet_hours": {"from": "09:00", "to": "09:00"}}), json!({"dlt": {"header": "TOOLONG"}})] {
        put(body).await.expect(422);
    }
    Ask::put("/communication-settings", json!({})).by(&house.agent).of(&house.router).await.expect(403);
}

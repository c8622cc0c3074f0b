//! Suppressions: found by the keyed hash, lifted and brought back, many at once.

use domain::outreach::SuppressionReason;
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn one_is_made_found_changed_lifted_and_made_again() {
    let house = House::new().await;
    let made =
        house.post("/suppressions", json!({"contact": "asha@example.com", "note": "They called."})).await.data(201);
    assert_eq!((&made["reason"], &made["channel"], &made["active"]), (&json!("manual"), &json!("email"), &json!(true)));
    let path = format!("/suppressions/{}", made["id"].as_str().expect("an id"));
    let found = house.get("/suppressions?contact=ASHA@example.com&channel=email").await.data(200);
    assert_eq!(found["suppressions"][0]["id"], made["id"]);
    let put = |body| Ask::put(&path, body).by(&house.admin).of(&house.router);
    assert_eq!(put(json!({"reason": "complaint"})).await.data(200)["reason"], "complaint");
    Ask::delete(&path).by(&house.admin).of(&house.router).await.expect(200);
    for gone in [house.get(&path).await, put(json!({"reason": "bounce"})).await] {
        gone.expect(404);
    }
    assert_eq!(house.reach("asha@example.com").await.facts.suppression, None);
    assert_eq!(house.get("/suppressions").await.data(200)["suppressions"], json!([]));
    let again = house.post("/suppressions", json!({"contact": "asha@example.com", "reason": "bounce"})).await.data(201);
    assert_eq!(again["id"], made["id"]);
    assert_eq!(house.reach("asha@example.com").await.facts.suppression, Some(SuppressionReason::Bounce));
}

#[tokio::test]
async fn one_that_ends_stands_no_more() {
    let house = House::new().await;
    let until = house.world.platform.now() + SignedDuration::from_mins(30);
    let body = json!({"contact": "98765 43210", "channel": "sms", "reason": "dnd", "expires_at": until});
    let made = house.post("/suppressions", body).await.data(201);
    house.world.clock.advance(SignedDuration::from_mins(30));
    let path = format!("/suppressions/{}", made["id"].as_str().expect("an id"));
    assert_eq!(house.get(&path).await.data(200)["active"], false);
    let past = json!({"contact": "98765 43210", "channel": "sms", "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(house.post("/suppressions", past).await.expect(422).wrong()[0].1, "in_the_past");
}

#[tokio::test]
async fn many_come_at_once_and_each_wrong_one_is_told() {
    let house = House::new().await;
    let rows = json!([
        {"contact": "asha@example.com"},
        {"contact": "9876543210"},
        {"contact": "9876543210", "channel": "sms", "reason": "dnd"},
        {"contact": "asha@example.com", "reason": "complaint"},
        {"contact": "nobody"},
        7,
    ]);
    // An element that is no object is one of the body, and told with it.
    house.post("/suppressions/import", json!({"suppressions": rows})).await.expect(422);
    let mut rows = rows.as_array().cloned().expect("a list");
    rows.pop();
    let told = house.post("/suppressions/import", json!({"suppressions": rows})).await.data(200);
    assert_eq!((&told["created"], &told["known"], &told["rejected"]), (&json!(2), &json!(1), &json!(2)), "{told}");
    let wrong: Vec<_> = told["errors"].as_array().expect("a list").iter().map(|error| error["row"].clone()).collect();
    assert_eq!(wrong, [1, 4]);
    let many: Vec<_> = (0..201).map(|number| json!({"contact": format!("a{number}@example.com")})).collect();
    house.post("/suppressions/import", json!({"suppressions": many})).await.expect(422);
    let of_dnd = house.get("/suppressions?reason=dnd").await.data(200);
    assert_eq!(of_dnd["suppressions"].as_array().map(Vec::len), Some(1));
}

//! The caller's organization.

use domain::Role;
use serde_json::json;
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn a_merge_changes_what_it_names() {
    let house = House::new().await;
    let before = house.get("/organization").await.data(200);
    assert_eq!(before["id"], json!(house.tenant.organization));
    house.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let after = house.put("/organization", json!({"zone": "Asia/Dubai", "currency": "AED"})).await.data(200);
    assert_eq!((&after["zone"], &after["currency"]), (&json!("Asia/Dubai"), &json!("AED")));
    assert_eq!((&after["name"], &after["limits"]), (&before["name"], &before["limits"]));
    assert_ne!(after["updated_at"], before["updated_at"]);
}

#[tokio::test]
async fn what_the_plan_allows_is_not_the_customers_to_change() {
    let house = House::new().await;
    let before = house.get("/organization").await.data(200);
    let answer = house.put("/organization", json!({"limits": {"requests_per_hour": 9_000_000}})).await;
    assert_eq!(answer.data(200)["limits"], before["limits"]);
    assert_eq!(answer.json()["warnings"], json!([{"field": "limits", "code": "read_only"}]));
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let answer = house.put("/organization", json!({"name": "", "zone": "Mars/Olympus", "currency": "gold"})).await;
    answer.expect(422);
    let wrong: Vec<String> = answer.wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["name", "currency", "zone"]);
}

#[tokio::test]
async fn a_manager_looks_and_changes_nothing() {
    let house = House::new().await;
    let manager = house.somebody(Role::Manager).await;
    Ask::get("/organization").by(&manager).of(&house.router).await.expect(200);
    let answer = Ask::put("/organization", json!({"name": "Mine"})).by(&manager).of(&house.router).await;
    assert_eq!(answer.expect(403).json()["permission"], "organization:write");
    let agent = house.somebody(Role::Agent).await;
    Ask::get("/organization").by(&agent).of(&house.router).await.expect(403);
}

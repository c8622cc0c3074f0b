//! Plans, and how much of them is used.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn the_plan_is_shown_with_what_of_it_is_used() {
    let house = House::new().await;
    house.somebody(Role::Agent).await;
    house.a_lead(house.tenant.branch).await;
    house.world.settle().await;
    let current = house.get("/subscriptions/current").await.data(200);
    assert_eq!(current["plan"]["id"], "growth");
    assert_eq!(current["plan"]["allowance"]["seats"], 100);
    assert_eq!(current["usage"], json!({"seats": 2, "leads": 1, "messages_this_month": 0}));
    let plans = house.get("/plans").await.data(200);
    let names: Vec<&Value> = plans["plans"].as_array().expect("a list").iter().map(|plan| &plan["id"]).collect();
    assert_eq!(names, ["starter", "growth", "enterprise"]);
    assert!(plans["plans"][1]["modules"].as_array().expect("a list").contains(&json!("roles")));
    assert!(!plans["plans"][0]["modules"].as_array().expect("a list").contains(&json!("roles")));
}

#[tokio::test]
async fn a_plan_that_allows_less_than_is_used_is_refused_and_says_what() {
    let house = House::new().await;
    for _ in 0..5 {
        house.somebody(Role::Agent).await;
    }
    let refused = house.put("/subscriptions/current", json!({"plan": "starter"})).await;
    let problem = refused.expect(409).json();
    assert_eq!(problem["code"], "plan_too_small");
    assert_eq!(problem["exceeded"], json!({"seats": {"used": 6, "limit": 5}}));
    let changed = house.put("/subscriptions/current", json!({"plan": "enterprise"})).await.data(200);
    assert_eq!(changed["plan"]["allowance"]["seats"], Value::Null);
    assert_eq!(house.get("/organization").await.data(200)["plan"], "enterprise");
    let wrong = house.put("/subscriptions/current", json!({"plan": "free"})).await;
    assert_eq!(wrong.expect(422).wrong(), [("plan".into(), "unknown_plan".into())]);
}

#[tokio::test]
async fn a_manager_sees_the_plan_and_changes_nothing() {
    let house = House::new().await;
    let manager = house.somebody(Role::Manager).await;
    Ask::get("/subscriptions/current").by(&manager).of(&house.router).await.expect(200);
    let answer = Ask::put("/subscriptions/current", json!({"plan": "enterprise"})).by(&manager).of(&house.router).await;
    assert_eq!(answer.expect(403).json()["permission"], "subscription:write");
}

#[tokio::test]
async fn how_administrators_sign_in_is_theirs_to_set() {
    let house = House::new().await;
    let set = json!({"security": {"second_factor_grace_days": 3}});
    let organization = house.put("/organization", set).await.data(200);
    assert_eq!(organization["security"], json!({"admin_second_factor": true, "second_factor_grace_days": 3}));
    let wrong = json!({"security": {"admin_second_factor": "yes", "second_factor_grace_days": 31}});
    let fields: Vec<String> =
        house.put("/organization", wrong).await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["security.admin_second_factor", "security.second_factor_grace_days"]);
}

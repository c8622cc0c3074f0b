//! Free settings, as the admissions product keeps them.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

const PATH: &str = "/system/settings";

#[tokio::test]
async fn a_setting_is_found_by_its_category() {
    let house = House::new().await;
    assert_eq!(house.get(PATH).await.data(200), json!({"settings": []}));
    let smtp = json!({"key": "smtp_server", "value": "smtp.example.com", "category": "email_config"});
    assert_eq!(house.put(PATH, smtp.clone()).await.data(200), smtp);
    house.put(PATH, json!({"key": "hours", "value": [9, 18], "category": "office"})).await.expect(200);
    let found = house.get("/system/settings?category=email_config").await.data(200);
    assert_eq!(found, json!({"settings": [smtp]}));
    assert_eq!(house.get("/system/settings?category=nothing").await.data(200), json!({"settings": []}));
    for path in [PATH, "/system/settings?category=all"] {
        assert_eq!(house.get(path).await.data(200)["settings"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn null_removes_a_setting_and_absence_is_refused() {
    let house = House::new().await;
    let setting = |value: Value| json!({"key": "theme", "value": value, "category": "page"});
    house.put(PATH, setting("dark".into())).await.expect(200);
    house.put(PATH, setting(Value::Null)).await.expect(200);
    assert_eq!(house.get(PATH).await.data(200), json!({"settings": []}));
    let answer = house.put(PATH, json!({"key": "theme"})).await;
    answer.expect(422);
    assert_eq!(answer.wrong(), [("category".into(), "required".into()), ("value".into(), "required".into())]);
}

#[tokio::test]
async fn a_setting_is_small() {
    let house = House::new().await;
    let answer = house.put(PATH, json!({"key": "k", "category": "c", "value": "x".repeat(4_095)})).await;
    answer.expect(422);
    assert_eq!(answer.wrong(), [("value".into(), "too_large".into())]);
}

#[tokio::test]
async fn two_writers_of_different_settings_both_win() {
    let house = House::new().await;
    let set = |key: &str| house.put(PATH, json!({"key": key, "value": 1, "category": "page"}));
    let (one, other) = futures::join!(set("one"), set("other"));
    one.expect(200);
    other.expect(200);
    assert_eq!(house.get(PATH).await.data(200)["settings"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn settings_are_the_organizations_own() {
    let house = House::new().await;
    house.put(PATH, json!({"key": "k", "category": "c", "value": 1})).await.expect(200);
    let (_, stranger) = house.world.an_admin().await;
    let seen = Ask::get(PATH).by(&stranger).of(&house.router).await.data(200);
    assert_eq!(seen, json!({"settings": []}));
    let agent = house.somebody(Role::Agent).await;
    Ask::get(PATH).by(&agent).of(&house.router).await.expect(403);
}

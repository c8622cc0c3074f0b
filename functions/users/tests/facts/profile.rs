//! What people tell of themselves.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn a_profile_is_its_holders_to_change() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let path = format!("/users/profile/{}", agent.user);
    let body = json!({
        "full_name": "Dr. Asha Example", "phone": "+919876543210", "department": "Admissions",
        "designation": "Senior Counselor", "avatar_url": "https://pictures.example/a.png",
        "preferences": {"notifications": {"sms": true}, "timezone": "Asia/Dubai"},
    });
    let profile = house.by(&agent, Ask::put(&path, body)).await.data(200);
    assert_eq!((&profile["first_name"], &profile["last_name"]), (&json!("Dr. Asha"), &json!("Example")));
    assert_eq!(profile["avatar_url"], "https://pictures.example/a.png");
    assert_eq!(profile["preferences"]["notifications"], json!({"email": true, "sms": true, "push": true}));
    assert_eq!(profile["preferences"]["timezone"], "Asia/Dubai");
    let again = house.by(&agent, Ask::get("/users/profile")).await.data(200);
    assert_eq!(again, profile);
    assert_eq!(house.member(agent.user).await.name, "Dr. Asha Example", "lists of people follow");
    let cleared = json!({"phone": null, "avatar_url": null, "preferences": {"timezone": null}});
    let profile = house.by(&agent, Ask::put(&path, cleared)).await.data(200);
    assert_eq!((&profile["phone"], &profile["avatar_url"]), (&Value::Null, &Value::Null));
    assert_eq!(profile["full_name"], "Dr. Asha Example");
}

#[tokio::test]
async fn a_profile_gives_nobody_more_than_they_have() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let before = house.member(agent.user).await;
    let (other, _) = house.world.an_admin().await;
    let body = json!({
        "role": "admin", "organization_id": other.organization, "permissions": ["users:write"], "status": "pending",
        "reach": "all", "branch_ids": [other.branch], "email": "other@example.com", "password_hash": "x",
    });
    let answer = house.by(&agent, Ask::put(format!("/users/profile/{}", agent.user), body)).await;
    answer.expect(200);
    let mut warned: Vec<(String, String)> = answer.json()["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .map(|warning| (crate::support::text(&warning["field"]), crate::support::text(&warning["code"])))
        .collect();
    warned.sort();
    let read_only = ["branch_ids", "email", "organization_id"].map(|field| (field.to_owned(), "read_only".to_owned()));
    assert_eq!(warned[..3], read_only);
    assert_eq!(warned[3], ("password_hash".to_owned(), "unknown_field".to_owned()));
    assert_eq!(warned.len(), 8);
    assert_eq!(house.member(agent.user).await, before);
}

#[tokio::test]
async fn others_profiles_need_a_permission() {
    let house = House::new().await;
    let (agent, manager) = (house.somebody(Role::Agent).await, house.somebody(Role::Manager).await);
    let (_, stranger) = house.world.an_admin().await;
    let query = |user| format!("/users/profile?userId={user}");
    let change = json!({"department": "Sales"});
    let path = |user| format!("/users/profile/{user}");
    assert_eq!(house.by(&agent, Ask::get(query(manager.user))).await.expect(403).json()["permission"], "users:read");
    house.by(&manager, Ask::get(query(agent.user))).await.expect(200);
    let refused = house.by(&manager, Ask::put(path(agent.user), change.clone())).await;
    assert_eq!(refused.expect(403).json()["permission"], "users:write");
    house.put(&path(agent.user), change.clone()).await.expect(200);
    house.get(&query(stranger.user)).await.expect(404);
    house.put(&path(stranger.user), change).await.expect(404);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let path = format!("/users/profile/{}", house.admin.user);
    for url in ["http://pictures.example/a.png", "https://", "javascript:alert(1)", "https://a@b.example/", "x y"] {
        let answer = house.put(&path, json!({"avatar_url": url})).await;
        assert_eq!(answer.expect(422).wrong(), [("avatar_url".into(), "bad_url".into())], "{url}");
    }
    let body = json!({
        "full_name": null, "phone": "x",
        "preferences": {"language": "?", "timezone": "Mars/Olympus", "notifications": {"email": 1}},
    });
    let mut wrong: Vec<String> =
        house.put(&path, body).await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    wrong.sort();
    let preferences =
        ["preferences.language", "preferences.notifications.email", "preferences.timezone"].map(str::to_owned);
    assert_eq!(wrong, [vec!["full_name".to_owned(), "phone".to_owned()], preferences.to_vec()].concat());
}

#[tokio::test]
async fn a_colleague_s_number_is_masked_for_who_sees_no_numbers() {
    let house = House::new().await;
    let (agent, viewer) = (house.somebody(Role::Agent).await, house.somebody(Role::Viewer).await);
    let phone = json!({"phone": "+919876543210"});
    for person in [&agent, &viewer] {
        let path = format!("/users/profile/{}", person.user);
        house.by(person, Ask::put(&path, phone.clone())).await.expect(200);
    }
    let added = json!({"permissions": ["users:read"]});
    house.put(&format!("/users/{}/permissions", viewer.user), added).await.expect(200);
    let of_agent = format!("/users/profile?userId={}", agent.user);
    let seen = house.by(&viewer, Ask::get(&of_agent)).await.data(200);
    assert_eq!(seen["phone"], "+91******3210");
    assert_eq!(house.by(&viewer, Ask::get("/users/profile")).await.data(200)["phone"], "+919876543210");
    assert_eq!(house.get(&of_agent).await.data(200)["phone"], "+919876543210");
}

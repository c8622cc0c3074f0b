//! Keys of machines.

use domain::{Role, RowReach};
use serde_json::{Value, json};
use testkit::{Answer, Ask};

use crate::support::{House, text};

async fn a_key(house: &House, scopes: Value) -> (String, String) {
    let made = house.post("/api-keys", json!({"name": "Website", "scopes": scopes})).await.data(201);
    (text(&made["key"]), text(&made["api_key"]["id"]))
}

async fn with(house: &House, key: &str, ask: Ask) -> Answer {
    ask.bearing(key).of(&house.router).await
}

#[tokio::test]
async fn a_key_is_shown_once_and_does_what_its_scopes_say() {
    let house = House::new().await;
    let answer = house.post("/api-keys", json!({"name": "Website", "scopes": ["users:read"]})).await;
    let made = answer.data(201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (key, id) = (text(&made["key"]), text(&made["api_key"]["id"]));
    assert!(key.starts_with(&text(&made["api_key"]["prefix"])));
    for path in [format!("/api-keys/{id}"), "/api-keys".to_owned()] {
        let shown = house.get(&path).await.expect(200).json().to_string();
        assert!(!shown.contains(&key) && !shown.contains("secret"), "{shown}");
    }
    with(&house, &key, Ask::get("/users")).await.expect(200);
    let refused = with(&house, &key, Ask::get("/roles")).await;
    assert_eq!(refused.expect(403).json()["permission"], "roles:read");
    with(&house, &format!("{}x", &key[..key.len() - 1]), Ask::get("/users")).await.expect(401);
    let used = house.get(&format!("/api-keys/{id}")).await.data(200);
    assert_eq!(used["last_used_at"], json!(house.world.platform.now()));
}

#[tokio::test]
async fn a_machine_makes_no_keys_and_has_nothing_of_its_own() {
    let house = House::new().await;
    let (key, id) = a_key(&house, json!(["api_keys:write", "api_keys:read"])).await;
    for ask in [
        Ask::post("/api-keys", json!({"name": "Mine", "scopes": ["api_keys:read"]})),
        Ask::post(format!("/api-keys/{id}/rotate"), json!({})),
        Ask::put(format!("/api-keys/{id}"), json!({"requests_per_hour": 1_000_000})),
    ] {
        assert_eq!(with(&house, &key, ask).await.expect(403).json()["code"], "person_required");
    }
    for path in ["/users/profile", "/users/sessions"] {
        assert_eq!(with(&house, &key, Ask::get(path)).await.expect(403).json()["permission"], "users:read");
    }
    let profile = Ask::put(format!("/users/profile/{}", house.admin.user), json!({"department": "Mine"}));
    assert_eq!(with(&house, &key, profile).await.expect(403).json()["permission"], "users:write");
    let all = with(&house, &key, Ask::post("/users/sessions/revoke-all", json!({}))).await;
    assert_eq!(all.expect(403).json()["permission"], "users:write");
}

#[tokio::test]
async fn nobody_gives_a_key_more_than_they_have() {
    let house = House::new().await;
    let bounded = house.bounded().await;
    let body = |more: Value| {
        let mut body = json!({"name": "Website", "scopes": ["leads:read"]});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let all = house.by(&bounded, Ask::post("/api-keys", body(json!({"reach": "all"})))).await;
    assert_eq!(all.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
    let elsewhere = body(json!({"reach": "branch", "branch_ids": [house.tenant.other_branch]}));
    let elsewhere = house.by(&bounded, Ask::post("/api-keys", elsewhere)).await;
    assert_eq!(elsewhere.expect(422).wrong(), [("branch_ids.0".into(), "unknown_branch".into())]);

    let manager = house.somebody(Role::Manager).await;
    let write = [domain::Permission::ApiKeysWrite].into_iter().collect();
    house.place(manager.user, |member| member.extra = write).await;
    let more = Ask::post("/api-keys", json!({"name": "Website", "scopes": ["users:write"]}));
    assert_eq!(house.by(&manager, more).await.expect(403).json()["code"], "beyond_own");
}

#[tokio::test]
async fn a_key_follows_what_its_owner_may_do_and_ends_with_their_place() {
    let house = House::new().await;
    let other = house.somebody(Role::Admin).await;
    let body = json!({"name": "Website", "scopes": ["users:read", "roles:read"]});
    let made = house.by(&other, Ask::post("/api-keys", body)).await.data(201);
    let key = text(&made["key"]);
    with(&house, &key, Ask::get("/roles")).await.expect(200);
    house.put(&format!("/users/{}", other.user), json!({"role": "manager"})).await.expect(200);
    with(&house, &key, Ask::get("/roles")).await.expect(200);
    house.put(&format!("/users/{}", other.user), json!({"role": "viewer"})).await.expect(200);
    with(&house, &key, Ask::get("/users")).await.expect(403);
    house.delete(&format!("/users/{}", other.user)).await.expect(200);
    with(&house, &key, Ask::get("/users")).await.expect(401);
}

#[tokio::test]
async fn a_key_ends_when_it_says_or_when_it_is_revoked() {
    let house = House::new().await;
    let end = house.world.platform.now() + jiff::SignedDuration::from_hours(1);
    let body = json!({"name": "Website", "scopes": ["users:read"], "expires_at": end});
    let key = text(&house.post("/api-keys", body).await.data(201)["key"]);
    let (other, id) = a_key(&house, json!(["users:read"])).await;
    with(&house, &key, Ask::get("/users")).await.expect(200);
    with(&house, &other, Ask::get("/users")).await.expect(200);
    let revoked = house.post(&format!("/api-keys/{id}/revoke"), json!({})).await.data(200);
    assert_ne!(revoked["revoked_at"], Value::Null);
    with(&house, &other, Ask::get("/users")).await.expect(401);
    assert_eq!(house.post(&format!("/api-keys/{id}/rotate"), json!({})).await.expect(409).json()["code"], "key_over");
    house.later(3_600);
    with(&house, &key, Ask::get("/users")).await.expect(401);
}

#[tokio::test]
async fn after_a_rotation_both_secrets_are_good_for_as_long_as_was_said() {
    let house = House::new().await;
    let (old, id) = a_key(&house, json!(["users:read"])).await;
    let rotated = house.post(&format!("/api-keys/{id}/rotate"), json!({"overlap_hours": 2})).await.data(200);
    let new = text(&rotated["key"]);
    for key in [&old, &new] {
        with(&house, key, Ask::get("/users")).await.expect(200);
    }
    house.later(2 * 3_600);
    with(&house, &old, Ask::get("/users")).await.expect(401);
    with(&house, &new, Ask::get("/users")).await.expect(200);
    let admin = house.renewed(&house.admin);
    let rotate = |hours: u32| Ask::post(format!("/api-keys/{id}/rotate"), json!({"overlap_hours": hours}));
    let newest = house.by(&admin, rotate(0)).await.data(200);
    with(&house, &new, Ask::get("/users")).await.expect(401);
    with(&house, &text(&newest["key"]), Ask::get("/users")).await.expect(200);
    let wrong = house.by(&admin, rotate(169)).await;
    assert_eq!(wrong.expect(422).wrong(), [("overlap_hours".into(), "out_of_range".into())]);
    let other =
        house.world.a_person_reaching(&house.tenant, Role::Admin, house.tenant.branch, Some(RowReach::All)).await;
    let theirs = house.by(&other, rotate(0)).await;
    assert_eq!(theirs.expect(409).json()["code"], "not_yours");
}

#[tokio::test]
async fn a_key_asks_as_often_as_it_may() {
    let house = House::new().await;
    let (key, id) = a_key(&house, json!(["users:read"])).await;
    let changed =
        house.put(&format!("/api-keys/{id}"), json!({"name": "Shop", "requests_per_hour": 2})).await.data(200);
    assert_eq!((&changed["name"], &changed["requests_per_hour"]), (&json!("Shop"), &json!(2)));
    for status in [200, 200, 429] {
        with(&house, &key, Ask::get("/users")).await.expect(status);
    }
    house.get("/users").await.expect(200);
}

#[tokio::test]
async fn another_organizations_key_looks_like_none() {
    let house = House::new().await;
    let (_, stranger) = house.world.an_admin().await;
    let body = json!({"name": "Theirs", "scopes": ["users:read"]});
    let made = house.by(&stranger, Ask::post("/api-keys", body)).await.data(201);
    let path = format!("/api-keys/{}", text(&made["api_key"]["id"]));
    for ask in [
        Ask::get(&path),
        Ask::put(&path, json!({"name": "Mine"})),
        Ask::post(format!("{path}/rotate"), json!({})),
        Ask::post(format!("{path}/revoke"), json!({})),
    ] {
        house.ask(ask).await.expect(404);
    }
    let users = with(&house, &text(&made["key"]), Ask::get("/users")).await.data(200);
    assert_eq!(users["users"][0]["id"], json!(stranger.user));
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let body = json!({
        "name": "", "scopes": [], "reach": "own", "branch_ids": [house.tenant.branch], "expires_at": "2020-01-01T00:00:00Z",
        "requests_per_hour": 0,
    });
    let wrong: Vec<String> =
        house.post("/api-keys", body).await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["name", "requests_per_hour", "scopes", "branch_ids", "expires_at"]);
    let branch = json!({"name": "Website", "scopes": ["leads:read"], "reach": "branch"});
    assert_eq!(house.post("/api-keys", branch).await.expect(422).wrong(), [("branch_ids".into(), "required".into())]);
}

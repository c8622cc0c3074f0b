//! Signing in: the same words for every failure, and not too many of them.

use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::support::{EMAIL, House, PASSWORD, registration};

#[tokio::test]
async fn a_sign_in_has_the_shape_that_the_frontend_knows() {
    let (house, registered) = House::registered().await;
    let answer = Ask::post("/auth/login", json!({"email": EMAIL, "password": PASSWORD, "remember_me": true}))
        .of(&house.router)
        .await;
    let data = answer.data(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["warnings"], json!(null));
    assert_eq!(data["user"], registered["user"]);
    assert_eq!(data["expires_in"], 3_600);
    let keys: Vec<&str> =
        data["user"].as_object().map(|user| user.keys().map(String::as_str).collect()).unwrap_or_default();
    assert_eq!(keys, ["id", "email", "first_name", "last_name", "role", "permissions"]);
    house.me(&data["access_token"]).await.expect(200);
}

#[tokio::test]
async fn nobody_learns_whether_there_is_an_account() {
    let (house, _) = House::registered().await;
    let mut answers =
        vec![house.login(EMAIL, "another password").await, house.login("nobody@example.com", PASSWORD).await];
    let elsewhere = json!({"email": EMAIL, "password": PASSWORD, "organization_id": "org_01kaf0v3hteb9s1z6vqk4m2x8y"});
    answers.push(Ask::post("/auth/login", elsewhere).of(&house.router).await);
    let told: Vec<_> = answers
        .iter()
        .map(|answer| {
            let mut problem = answer.expect(401).json();
            problem["request_id"] = json!(null);
            problem
        })
        .collect();
    assert_eq!(told[0]["code"], "invalid_credentials");
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test]
async fn after_five_failed_sign_ins_of_an_account_the_next_one_waits() {
    let (house, _) = House::registered().await;
    for left in (0..5).rev() {
        let answer = house.login(EMAIL, "another password").await;
        assert_eq!(answer.expect(401).header("ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let answer = house.login(EMAIL, PASSWORD).await;
    answer.expect(429);
    assert_eq!(answer.json()["code"], "too_many_requests");
    assert_eq!(answer.header("ratelimit-limit"), Some("5"));
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap_or(0_i64);
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("ratelimit-reset"), answer.header("retry-after"));

    house.world.clock.advance(SignedDuration::from_secs(seconds + 1));
    house.login(EMAIL, PASSWORD).await.expect(200);
    for _ in 0..6 {
        house.login(EMAIL, PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn an_address_may_fail_five_times_whichever_accounts_it_tries() {
    let (house, _) = House::registered().await;
    for number in 0..5 {
        house.login(&format!("guess{number}@example.com"), PASSWORD).await.expect(401);
    }
    house.login(EMAIL, PASSWORD).await.expect(429);
}

#[tokio::test]
async fn a_whole_office_may_sign_in_from_one_address() {
    let house = House::new().await;
    for number in 0..7 {
        let email = format!("owner{number}@example.com");
        house.register(&email).await.expect(201);
        house.login(&email, PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let (house, data) = House::registered().await;
    let token = data["access_token"].as_str().unwrap_or_default();
    let logout = || Ask::new("POST", "/auth/logout").bearing(token);
    logout().of(&house.router).await.expect(200);
    house.me(&data["access_token"]).await.expect(401);
    house.refresh(&data["refresh_token"]).await.expect(401);
    logout().of(&house.router).await.expect(401);
}

#[tokio::test]
async fn without_a_signing_secret_nobody_signs_in_and_the_cause_is_ours_to_know() {
    let world = testkit::World::new().await;
    let mut settings = world.platform.settings().clone();
    settings.signing_secret = None;
    let platform = runtime::Platform::new(
        settings,
        world.standins.dynamo.client(),
        std::sync::Arc::new(world.clock.clone()),
        std::sync::Arc::new(testkit::SeededEntropy::new(2)),
    );
    assert!(auth::prepare(&platform).await.is_err());
    let router = auth::router(web::App::new(platform, &[]));
    let answer = Ask::post("/auth/register", registration(EMAIL)).of(&router).await;
    answer.expect(500);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("SECRET"));
}

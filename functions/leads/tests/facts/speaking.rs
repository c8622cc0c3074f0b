//! What is true of every HTTP function, told of this one.

use domain::Role;
use domain::organization::Limits;
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::Ground;

#[tokio::test]
async fn every_answer_has_the_six_security_headers_and_a_request_id() {
    let ground = Ground::new().await;
    for ask in
        [Ask::get("/leads").by(&ground.admin), Ask::get("/leads"), Ask::get("/nowhere"), Ask::new("PUT", "/leads")]
    {
        let answer = ask.of(&ground.router).await;
        for (name, value) in [
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-xss-protection", "1; mode=block"),
            ("content-security-policy", "default-src 'self'; script-src 'self' 'unsafe-inline'"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value));
        }
        assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    }
}

#[tokio::test]
async fn only_origins_of_the_settings_may_read_answers() {
    let ground = Ground::new().await;
    let preflight = |origin: &str| {
        Ask::new("OPTIONS", "/leads").header("origin", origin).header("access-control-request-method", "POST")
    };
    let known = preflight("https://app.example").of(&ground.router).await;
    assert_eq!(known.expect(204).header("access-control-allow-origin"), Some("https://app.example"));
    let unknown = preflight("https://evil.example").of(&ground.router).await;
    assert_eq!(unknown.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_in_the_same_form() {
    let ground = Ground::new().await;
    assert_eq!(Ask::get("/nowhere").by(&ground.admin).of(&ground.router).await.expect(404).json()["code"], "not_found");
    let wrong = Ask::new("PUT", "/leads").json(&json!({})).by(&ground.admin).of(&ground.router).await;
    assert_eq!(wrong.expect(405).json()["code"], "method_not_allowed");
    assert!(wrong.header("allow").is_some());
}

#[tokio::test]
async fn a_body_that_is_too_large_too_deep_or_not_json_is_refused() {
    let ground = Ground::new().await;
    let post = |body: String| Ask::new("POST", "/leads").body("application/json", body).by(&ground.admin);
    let deep = format!("{{\"custom_fields\": {}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let many = format!("{{\"tags\": [{}]}}", vec!["\"x\""; 10_002].join(","));
    for (body, status, code) in [
        ("x".repeat(1024 * 1024 + 1), 413, "too_large"),
        (deep, 400, "too_complex"),
        (many, 400, "too_complex"),
        ("{\"full_name\": ".to_owned(), 400, "bad_json"),
        ("[]".to_owned(), 400, "not_object"),
    ] {
        assert_eq!(post(body).of(&ground.router).await.expect(status).json()["code"], code);
    }
    let text = Ask::new("POST", "/leads").body("text/plain", "{}").by(&ground.admin).of(&ground.router).await;
    assert_eq!(text.expect(415).json()["code"], "not_json");
}

#[tokio::test]
async fn a_limit_is_told_with_every_answer_and_kept() {
    let ground = Ground::new().await;
    let limits = Limits { requests_per_hour: 5, uploads_per_hour: 5 };
    let person = ground.world.a_person_limited(&ground.tenant, Role::Admin, ground.tenant.branch, None, limits).await;
    for left in ["4", "3", "2", "1", "0"] {
        let answer = Ask::get("/leads").by(&person).of(&ground.router).await;
        assert_eq!(answer.expect(200).header("ratelimit-remaining"), Some(left));
        assert_eq!(answer.header("ratelimit-limit"), Some("5"));
    }
    let refused = Ask::get("/leads").by(&person).of(&ground.router).await;
    assert_eq!(refused.expect(429).json()["code"], "too_many_requests");
    let wait: i64 = refused.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    ground.world.clock.advance(SignedDuration::from_secs(wait));
    // The hour is over, and so is the token's life: what is refused now is the token.
    Ask::get("/leads").by(&person).of(&ground.router).await.expect(401);
}

#[tokio::test]
async fn no_forged_token_is_let_in() {
    let ground = Ground::new().await;
    let now = ground.world.clock.timestamp();
    for (what, token) in testkit::forged(&ground.world.keys, &ground.admin.claims, now) {
        let answer = Ask::get("/leads").bearing(&token).of(&ground.router).await;
        assert_eq!(answer.status, 401, "{what}");
    }
    let twice = Ask::get("/leads").by(&ground.admin).by(&ground.admin).of(&ground.router).await;
    twice.expect(401);
    Ask::get("/leads").by(&ground.admin).of(&ground.router).await.expect(200);
}

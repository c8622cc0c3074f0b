//! What `health` promises.
#![expect(clippy::expect_used, reason = "a test that cannot be set up must stop and say where")]

use std::sync::Arc;

use runtime::{Platform, Settings};
use serde_json::json;
use testkit::{Ask, SeededEntropy, World};

#[tokio::test]
async fn a_healthy_platform_says_so_in_the_shape_that_is_watched_for() {
    let router = health::router(World::new().await.app());
    let answer = Ask::get("/health").of(&router).await;
    answer.expect(200);
    assert_eq!(
        answer.json(),
        json!({
            "status": "OK", "timestamp": "2026-11-20T10:00:00Z",
            "services": {"database": "connected"}, "version": "test",
        })
    );
}

#[tokio::test]
async fn the_document_is_served_as_it_is_committed_and_only_when_it_is_new() {
    let router = health::router(World::new().await.app());
    let answer = Ask::get("/v1/openapi.json").of(&router).await;
    answer.expect(200);
    assert_eq!(answer.bytes, include_bytes!("../../../../infra/openapi.json"));
    let tag = answer.header("etag").expect("a tag");
    let again = Ask::get("/openapi.json").header("if-none-match", tag).of(&router).await;
    again.expect(304);
    assert!(again.bytes.is_empty());
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let router = health::router(World::new().await.app());
    let page = Ask::get("/v1/docs").of(&router).await;
    page.expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let html = String::from_utf8_lossy(&page.bytes).into_owned();
    // The policy of every answer allows nothing else: neither other origins nor styles in the page.
    assert_eq!(page.header("content-security-policy"), Some("default-src 'self'; script-src 'self' 'unsafe-inline'"));
    assert!(!html.contains("://") && !html.contains("<style") && !html.contains("style="), "{html}");
    let parts: Vec<&str> = html.split('"').filter(|part| part.starts_with("docs/")).collect();
    assert_eq!(parts.len(), 2);
    for part in parts {
        let answer = Ask::get(format!("/v1/{part}")).of(&router).await;
        answer.expect(200);
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"), "{part}");
    }
}

#[tokio::test]
async fn a_platform_without_its_table_says_that_it_is_down() {
    let world = World::new().await;
    let settings = Settings { table: "gone".into(), ..world.platform.settings().clone() };
    let (clock, entropy) = (Arc::new(world.clock.clone()), Arc::new(SeededEntropy::new(2)));
    let platform = Platform::new(settings, world.standins.dynamo.client(), clock, entropy);
    let answer = Ask::get("/health").of(&health::router(web::App::new(platform, &[]))).await;
    answer.expect(503);
    assert_eq!(answer.json()["status"], "DOWN");
    assert_eq!(answer.json()["services"], json!({"database": "disconnected"}));
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("gone"));
}

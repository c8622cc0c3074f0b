//! Endpoints are bounded, public, and keep their secret.

use domain::{Permission, Role, RowReach};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn a_new_endpoint_shows_its_secret_once_and_no_other_answer_or_event_does() {
    let house = House::new().await;
    let body =
        json!({"url": "https://hooks.example/token", "events": ["lead.*", "lead.*"], "headers": {"X-Key": "a value"}});
    let made = house.ask(Ask::post("/webhook-endpoints", body)).await;
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.data(201);
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == "whsec_".len() + 44);
    let endpoint = &made["webhook_endpoint"];
    assert_eq!((&endpoint["events"], &endpoint["header_names"]), (&json!(["lead.*"]), &json!(["x-key"])));
    let path = format!("/webhook-endpoints/{}", endpoint["id"].as_str().expect("an id"));
    house.ask(Ask::put(&path, json!({"headers": {"x-key": "another value"}, "description": "Ours"}))).await.expect(200);
    let shown = house.ask(Ask::get(format!("{path}/secret"))).await;
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    assert_eq!(shown.data(200)["secret"], json!(secret));
    let rotated = house.ask(Ask::new("POST", format!("{path}/rotate-secret"))).await.data(200)["secret"].clone();
    let rotated = rotated.as_str().expect("a secret").to_owned();
    house.settle().await;

    let list = house.get("/webhook-endpoints").await.to_string();
    let one = house.get(&path).await.to_string();
    let events = house.get("/events?type=webhook_endpoint.*").await;
    let audit = Ask::get("/audit-logs?record=webhook_endpoint").by(&house.admin);
    let audit = audit.of(&audit_router(&house)).await.data(200).to_string();
    for text in [&list, &one, &events.to_string(), &audit] {
        for hidden in [secret.as_str(), rotated.as_str(), "a value", "another value"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
    let types: Vec<&str> =
        events["events"].as_array().expect("events").iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(
        types,
        [
            "webhook_endpoint.secret_rotated",
            "webhook_endpoint.secret_revealed",
            "webhook_endpoint.updated",
            "webhook_endpoint.created"
        ]
    );
    assert!(events.to_string().contains("headers_changed_at"), "that they changed is told");
}

fn audit_router(house: &House) -> axum::Router {
    audit::router(house.world.app())
}

#[tokio::test]
async fn at_rest_neither_a_secret_nor_a_header_nor_an_address_is_readable() {
    let house = House::new().await;
    let (id, secret) = house.an_endpoint().await;
    house
        .ask(Ask::put(format!("/webhook-endpoints/{id}"), json!({"url": "https://hooks.example/other"})))
        .await
        .expect(200);
    house.settle().await;
    let client = house.world.standins.dynamo.client();
    let items = client.scan().table_name(testkit::TABLE).send().await.expect("a scan").items.unwrap_or_default();
    let text = format!("{items:?}");
    for hidden in [secret.as_str(), "a value", "hooks.example"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn every_wrong_field_is_told() {
    let house = House::new().await;
    let body = json!({
        "url": "https://10.0.0.1/", "events": ["lead"], "headers": {"Host": "a", "x-a": 1}, "enabled": "yes",
        "description": "a".repeat(256),
    });
    let wrong = house.ask(Ask::post("/webhook-endpoints", body)).await.expect(422).wrong();
    for field in ["url", "events.0", "headers.Host", "headers.x-a", "enabled", "description"] {
        assert!(wrong.iter().any(|(wrong, _)| wrong == field), "{field}: {wrong:?}");
    }
    for (url, code) in [
        ("http://hooks.example/", "not_https"),
        ("http://localhost:8000/", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://2130706433/", "not_public"),
        ("https://0x7f.1/", "not_public"),
        ("https://[::ffff:127.0.0.1]/", "not_public"),
        ("https://169.254.169.254/latest", "not_public"),
        ("https://db.internal/", "not_public"),
        ("https://me:secret@hooks.example/", "not_https"),
        ("", "required"),
    ] {
        let body = json!({"url": url, "events": ["*"]});
        let wrong = house.ask(Ask::post("/webhook-endpoints", body)).await.expect(422).wrong();
        assert_eq!(wrong, [("url".to_owned(), code.to_owned())], "{url}");
    }
    let (id, _) = house.an_endpoint().await;
    let path = format!("/webhook-endpoints/{id}");
    for (body, field) in [
        (json!({"url": "https://127.0.0.1/"}), "url"),
        (json!({"events": []}), "events"),
        (json!({"events": null}), "events"),
        (json!({"enabled": null}), "enabled"),
        (json!({"headers": {"webhook-id": "a"}}), "headers.webhook-id"),
    ] {
        let wrong = house.ask(Ask::put(&path, body.clone())).await.expect(422).wrong();
        assert_eq!(wrong[0].0, field, "{body}");
    }
}

#[tokio::test]
async fn an_organization_has_twenty_at_most_and_one_that_was_deleted_makes_room() {
    let house = House::new().await;
    let (first, _) = house.an_endpoint().await;
    for _ in 1..domain::webhook::MAX_ENDPOINTS.get() {
        house.an_endpoint().await;
    }
    let body = json!({"url": "https://hooks.example/", "events": ["*"]});
    let refused = house.ask(Ask::post("/webhook-endpoints", body)).await;
    assert_eq!(refused.expect(409).json()["code"], "too_many_webhook_endpoints");
    house.ask(Ask::delete(format!("/webhook-endpoints/{first}"))).await.expect(200);
    house.ask(Ask::get(format!("/webhook-endpoints/{first}"))).await.expect(404);
    let restore = || Ask::new("POST", format!("/webhook-endpoints/{first}/restore"));
    house.ask(restore()).await.expect(200);
    house.ask(Ask::delete(format!("/webhook-endpoints/{first}"))).await.expect(200);
    house.an_endpoint().await;
    assert_eq!(house.ask(restore()).await.expect(409).json()["code"], "too_many_webhook_endpoints");
}

#[tokio::test]
async fn a_merge_update_keeps_what_it_does_not_name_and_holds_to_if_match() {
    let house = House::new().await;
    let (id, _) = house.an_endpoint().await;
    let path = format!("/webhook-endpoints/{id}");
    let tag = house.ask(Ask::get(&path)).await.header("etag").expect("a tag").to_owned();
    let changed = house.ask(Ask::put(&path, json!({"description": "Ours"}))).await.data(200);
    assert_eq!((&changed["events"], &changed["header_names"]), (&json!(["lead.*"]), &json!(["x-key"])));
    house.ask(Ask::put(&path, json!({"events": ["*"]})).header("if-match", tag)).await.expect(412);
    let cleared = house.ask(Ask::put(&path, json!({"description": null, "headers": null}))).await.data(200);
    assert_eq!((&cleared["description"], &cleared["header_names"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn whoever_does_not_reach_every_record_names_no_endpoint() {
    let house = House::new().await;
    let near = house.with_more(Role::Manager, Some(RowReach::Branch), Permission::WebhookEndpointsWrite).await;
    let body = json!({"url": "https://hooks.example/", "events": ["*"]});
    let refused = Ask::post("/webhook-endpoints", body.clone()).by(&near).of(&house.router).await;
    assert_eq!(refused.expect(403).json()["code"], "all_rows_required");
    let far = house.with_more(Role::Manager, Some(RowReach::All), Permission::WebhookEndpointsWrite).await;
    let made = Ask::post("/webhook-endpoints", body).by(&far).of(&house.router).await.data(201);
    let id = made["webhook_endpoint"]["id"].as_str().expect("an id");
    let secret = Ask::get(format!("/webhook-endpoints/{id}/secret")).by(&far).of(&house.router).await;
    secret.expect(403);
}

#[tokio::test]
async fn turned_on_again_an_endpoint_begins_anew() {
    let house = House::new().await;
    let (id, _) = house.an_endpoint().await;
    let table = house.world.platform.table();
    let (now, endpoint) = (house.world.platform.now(), id.parse().expect("an id"));
    let health = domain::WebhookHealth::new(house.tenant.organization, endpoint, now);
    let failed = health.failed(false, Some(SignedDuration::from_hours(1)), now).expect("news");
    table.commit_unseen(&house.grant(), failed).await.expect("it failed");
    let path = format!("/webhook-endpoints/{id}");
    let shown = house.get(&path).await;
    assert!(shown["health"]["failing_since"].is_string() && shown["health"]["rests_until"].is_string());
    let off = house.ask(Ask::put(&path, json!({"enabled": false}))).await.data(200);
    assert_eq!((&off["enabled"], &off["disabled_reason"]), (&json!(false), &json!("manual")));
    let on = house.ask(Ask::put(&path, json!({"enabled": true}))).await.data(200);
    assert_eq!((&on["enabled"], &on["disabled_reason"]), (&json!(true), &Value::Null));
    assert_eq!(on["health"]["rests_until"], Value::Null);
}

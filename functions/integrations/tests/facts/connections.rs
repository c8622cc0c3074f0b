//! Connections and their secrets.

use domain::{Caller, Event, Integration};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use testkit::Ask;

use crate::support::{Desk, TOKEN, text};

#[tokio::test]
async fn a_connection_tells_its_address_and_which_secrets_are_set_and_never_shows_one() {
    let desk = Desk::new().await;
    let made = desk.twilio().await;
    let id = text(&made["id"]).to_owned();
    assert_eq!(made["webhook_url"], format!("https://api.sampark.test/v1/webhooks/twilio/{id}"));
    assert_eq!((&made["configured"], &made["is_active"]), (&json!(true), &json!(true)));
    assert_eq!(made["credentials"][0]["name"], "auth_token");
    assert!(made["credentials"][0]["set_at"].is_string());
    assert_eq!(made["settings"]["agentId"], json!(desk.admin.user));
    assert_eq!(made["settings"]["branch_id"], json!(desk.tenant.branch));
    let changed = json!({"name": "Second line", "credentials": {"auth_token": "another-that-opens-nothing"}});
    let answers = [
        desk.of(Ask::get(format!("/integrations/{id}"))).await,
        desk.of(Ask::get("/integrations")).await,
        desk.of(Ask::get("/integrations/status")).await,
        desk.of(Ask::put(format!("/integrations/{id}"), changed)).await,
        desk.of(Ask::delete(format!("/integrations/{id}"))).await,
        desk.of(Ask::new("POST", format!("/integrations/{id}/restore"))).await,
    ];
    for answer in &answers {
        let body = String::from_utf8_lossy(&answer.expect(200).bytes).into_owned();
        assert!(!body.contains("opens-nothing"), "{body}");
    }
    // Nor does its history, or what lies in the table.
    let grant = Caller::system(desk.tenant.organization, "test").own();
    let table = desk.world.platform.table();
    let kept: Integration = table.get(&grant, id.parse().expect("an id")).await.expect("a connection");
    assert_eq!(
        kept.credentials.get("auth_token").map(domain::integration::Credential::expose),
        Some("another-that-opens-nothing")
    );
    let limit = NonZeroU32::MIN.saturating_add(99);
    let history: Vec<Event> = table.history(&grant, &kept, None, limit).await.expect("a history").records;
    let told = serde_json::to_string(&history).expect("JSON");
    assert!(history.len() == 4 && !told.contains("opens-nothing"), "{told}");
    let stream = serde_json::to_string(&desk.world.stream().await).expect("JSON");
    assert!(stream.contains("integration") && !stream.contains("opens-nothing") && !stream.contains(TOKEN));
}

#[tokio::test]
async fn every_wrong_field_is_named_and_no_refusal_holds_a_secret() {
    let desk = Desk::new().await;
    let body = json!({
        "provider": "pigeon", "name": "", "settings": [], "credentials": {"signing_secret": "whsec_tooshort", "x": 5},
    });
    let answer = desk.of(Ask::post("/integrations", body)).await;
    let mut fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["credentials.signing_secret", "credentials.x", "name", "provider", "settings"]);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("tooshort"));
    let of = |settings: Value| json!({"provider": "telephony", "name": "Line", "settings": settings});
    for (settings, field) in [
        (json!({"agentId": "usr_01kaf0v3hteb9s1z6vqk4m2x8y"}), "settings.agentId"),
        (json!({"agents": {"9876543210": "usr_01kaf0v3hteb9s1z6vqk4m2x8y"}}), "settings.agents"),
        (json!({"branch_id": "br_01kaf0v3hteb9s1z6vqk4m2x8y"}), "settings.branch_id"),
        (json!({"colour": "red"}), "settings.colour"),
    ] {
        let wrong = desk.of(Ask::post("/integrations", of(settings))).await.expect(422).wrong();
        assert_eq!(wrong[0].0, field);
    }
    let unknown = json!({"provider": "twilio", "name": "Line", "credentials": {"password": "not-of-twilios"}});
    let wrong = desk.of(Ask::post("/integrations", unknown)).await.expect(422).wrong();
    assert_eq!(wrong, [("credentials.password".to_owned(), "unknown_credential".to_owned())]);
}

#[tokio::test]
async fn what_a_change_does_not_name_stays() {
    let desk = Desk::new().await;
    let made = desk.twilio().await;
    let path = format!("/integrations/{}", text(&made["id"]));
    let change = json!({"settings": {"unknown_callers": "lead"}, "is_active": false});
    let changed = desk.of(Ask::put(&path, change)).await.data(200);
    assert_eq!((&changed["name"], &changed["configured"]), (&json!("Main line"), &json!(true)));
    assert_eq!(changed["settings"]["agentId"], made["settings"]["agentId"]);
    assert_eq!(changed["settings"]["unknown_callers"], "lead");
    let cleared = desk.of(Ask::put(&path, json!({"credentials": {"auth_token": null}}))).await.data(200);
    assert_eq!((&cleared["configured"], &cleared["credentials"][0]["set_at"]), (&json!(false), &Value::Null));
    let stale = Ask::put(&path, json!({"name": "x"})).header("if-match", "\"1\"");
    desk.of(stale).await.expect(412);
}

#[tokio::test]
async fn the_status_tells_how_each_connection_fares() {
    let desk = Desk::new().await;
    let made = desk.twilio().await;
    let status = desk.of(Ask::get("/integrations/status")).await.data(200);
    assert_eq!(
        (&status["integrations"][0]["circuit"], &status["integrations"][0]["failures_24h"]),
        (&json!("closed"), &json!(0))
    );
    let grant = Caller::system(desk.tenant.organization, "test").own();
    let (id, now) = (text(&made["id"]), desk.world.platform.now());
    for number in 0..5 {
        let tried = number.to_string();
        let failure = runtime::ProviderFailure {
            integration: Some(id.parse().expect("an id")),
            name: "twilio",
            activity: "webhook_in",
            why: "it answered 503",
            about: json!({"Authorization": "Bearer abc"}),
            key: ["x", &tried],
            since: now,
            answered: false,
        };
        desk.world.platform.note_failure(&grant, &failure).await;
        // The same failure is one row.
        desk.world.platform.note_failure(&grant, &failure).await;
    }
    let status = desk.of(Ask::get("/integrations/status")).await.data(200);
    let state = &status["integrations"][0];
    assert_eq!((&state["circuit"], &state["last_failure"]), (&json!("open"), &json!("it answered 503")));
    let log = desk.of(Ask::get("/integration-logs?integration_name=twilio&status=failure")).await.data(200);
    let rows = log["integration_logs"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0]["request_data"]["Authorization"]), (5, &json!("[removed]")));
}

#[tokio::test]
async fn an_organization_has_fifty_connections_at_most() {
    let desk = Desk::new().await;
    let body = || json!({"provider": "telephony", "name": "Line"});
    let made = desk.of(Ask::post("/integrations", body())).await.data(201);
    for _ in 1..50 {
        desk.of(Ask::post("/integrations", body())).await.expect(201);
    }
    assert_eq!(desk.of(Ask::post("/integrations", body())).await.expect(409).json()["code"], "too_many_integrations");

    // One that was deleted makes room, and comes back only where there is some.
    let path = format!("/integrations/{}", made["id"].as_str().expect("an id"));
    let restore = || Ask::new("POST", format!("{path}/restore"));
    desk.of(Ask::delete(path.as_str())).await.expect(200);
    let last = desk.of(Ask::post("/integrations", body())).await.data(201);
    assert_eq!(desk.of(restore()).await.expect(409).json()["code"], "too_many_integrations");
    desk.of(Ask::delete(format!("/integrations/{}", last["id"].as_str().expect("an id")))).await.expect(200);
    desk.of(restore()).await.expect(200);
}

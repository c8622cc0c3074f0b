//! What people filled in while nobody listened, asked for.

use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, text};

async fn page(desk: &Desk, settings: Value) -> String {
    let secrets = json!({"access_token": "of-no-page", "app_secret": "of-no-app", "verify_token": "of-no-hook"});
    let body = json!({"provider": "facebook", "name": "Page", "settings": settings, "credentials": secrets});
    text(&desk.of(Ask::post("/integrations", body)).await.data(201)["id"]).to_owned()
}

#[tokio::test]
async fn a_backfill_waits_for_the_worker_can_be_watched_and_stands_in_the_log() {
    let desk = Desk::new().await;
    let id = page(&desk, json!({"page_id": "1"})).await;
    let since = desk.world.platform.now() - SignedDuration::from_hours(24 * 30);
    let body = json!({"since": since, "form_ids": ["7", "8", "7"]});
    let answer = desk.of(Ask::post(format!("/integrations/{id}/backfill"), body)).await;
    let place = answer.header("location").expect("a place").to_owned();
    let asked = answer.data(202);
    assert_eq!(
        asked["backfill"],
        json!({"since": since, "form_ids": ["7", "8"], "taken": 0, "known": 0, "refused": 0})
    );
    let shown = desk.of(Ask::get(&place)).await.data(200);
    assert_eq!((&shown["status"], &shown["backfill"]), (&json!("received"), &asked["backfill"]));
    let body: Value = serde_json::from_str(text(&shown["body"])).expect("JSON");
    assert_eq!(body["form_ids"], json!(["7", "8"]));
    let log = desk.of(Ask::get("/integration-logs?integration_name=facebook")).await.data(200);
    assert_eq!(log["integration_logs"][0]["activity_type"], "lead_backfill");
    assert_eq!(log["integration_logs"][0]["created_by"], json!(desk.admin.user));
    let url = desk.world.platform.settings().provider_inbox_queue.clone().expect("a queue");
    let answer = desk.world.standins.sqs.client().receive_message().queue_url(&url).send().await.expect("messages");
    assert!(answer.messages()[0].body().is_some_and(|body| body.contains(text(&asked["id"]))));
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_with_every_field() {
    let desk = Desk::new().await;
    let id = page(&desk, json!({"page_id": "1"})).await;
    let path = format!("/integrations/{id}/backfill");
    let now = desk.world.platform.now();
    let days = |days: i64| now - SignedDuration::from_hours(24 * days);
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    for (body, fields) in [
        (json!({}), &["since"][..]),
        (json!({"since": days(91)}), &["since"]),
        (json!({"since": days(-1), "form_ids": many}), &["since", "form_ids"]),
        (json!({"since": "soon", "form_ids": ["me", "1"]}), &["since", "form_ids.0"]),
    ] {
        let answer = desk.of(Ask::post(&path, body.clone())).await;
        let wrong = answer.expect(422).wrong();
        let told: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(told, fields, "{body}");
    }
    let body = json!({"since": days(1)});
    let refused = async |id: &str| {
        let answer = desk.of(Ask::post(format!("/integrations/{id}/backfill"), body.clone())).await;
        text(&answer.expect(409).json()["code"]).to_owned()
    };
    let twilio = desk.twilio().await;
    assert_eq!(refused(text(&twilio["id"])).await, "no_lead_ads");
    let nameless = page(&desk, json!({})).await;
    assert_eq!(refused(&nameless).await, "no_page");
    desk.of(Ask::put(format!("/integrations/{id}"), json!({"is_active": false}))).await.expect(200);
    assert_eq!(refused(&id).await, "not_connected");
    let agent = desk.world.a_person(&desk.tenant, Role::Agent, desk.tenant.branch).await;
    Ask::post(&path, body).by(&agent).of(&desk.router).await.expect(403);
}

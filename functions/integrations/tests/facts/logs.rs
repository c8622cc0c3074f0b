//! The log of connections.

use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, text};

async fn tell(desk: &Desk, name: &str, status: &str) -> Value {
    let body = json!({
        "integration_name": name, "activity_type": "lead_sync", "description": "Synced 15 new leads from Facebook",
        "status": status, "request_data": {"access_token": "abc", "page": 1}, "response_data": {"leads": 15},
        "execution_time": 1200, "records_processed": 15,
    });
    desk.world.clock.advance(jiff::SignedDuration::from_millis(1));
    desk.of(Ask::post("/integration-logs", body)).await.data(201)
}

#[tokio::test]
async fn a_row_is_told_and_read_as_the_frontend_writes_it() {
    let desk = Desk::new().await;
    let row = tell(&desk, "facebook_leads", "success").await;
    assert_eq!((&row["execution_time"], &row["records_processed"]), (&json!(1200), &json!(15)));
    assert_eq!(row["request_data"], json!({"access_token": "[removed]", "page": 1}));
    assert_eq!(row["created_by"], json!(desk.admin.user));
    let again = desk.of(Ask::get(format!("/integration-logs/{}", text(&row["id"])))).await.data(200);
    assert_eq!(again, row);
}

#[tokio::test]
async fn rows_are_found_by_name_and_status_page_by_page() {
    let desk = Desk::new().await;
    for (name, status) in [
        ("facebook_leads", "failure"),
        ("facebook_ads", "failure"),
        ("Facebook_Leads", "success"),
        ("twilio", "failure"),
        ("facebook_leads", "failure"),
    ] {
        tell(&desk, name, status).await;
    }
    let found = async |query: &str| {
        let page = desk.of(Ask::get(format!("/integration-logs?{query}"))).await.data(200);
        page["integration_logs"].as_array().expect("rows").len()
    };
    assert_eq!(found("integration_name=facebook&status=failure&limit=100").await, 3);
    assert_eq!(found("integration_name=facebook_leads").await, 3);
    assert_eq!(found("status=failure").await, 4);
    assert_eq!(found("integration_name=all&status=all").await, 5);
    assert_eq!(found("integration_name=nothing").await, 0);
    let page = desk.of(Ask::get("/integration-logs?integration_name=facebook&limit=2")).await.data(200);
    let cursor = text(&page["pagination"]["next_cursor"]);
    let path = format!("/integration-logs?integration_name=facebook&limit=2&cursor={cursor}");
    let second = desk.of(Ask::get(path)).await.data(200);
    assert_eq!(second["integration_logs"].as_array().map(Vec::len), Some(2));
    desk.of(Ask::get("/integration-logs?status=maybe")).await.expect(422);
}

#[tokio::test]
async fn a_row_goes_after_ninety_days() {
    let desk = Desk::new().await;
    let row = tell(&desk, "facebook_leads", "success").await;
    let id: domain::IntegrationLogId = text(&row["id"]).parse().expect("an id");
    let grant = domain::Caller::system(desk.tenant.organization, "test").own();
    let table = desk.world.platform.table();
    desk.world.clock.advance(jiff::SignedDuration::from_hours(24 * 90 - 1));
    desk.world.standins.dynamo.sweep_ttl().await.expect("it is swept");
    assert!(table.get::<domain::IntegrationLog>(&grant, id).await.is_ok());
    desk.world.clock.advance(jiff::SignedDuration::from_hours(2));
    desk.world.standins.dynamo.sweep_ttl().await.expect("it is swept");
    assert!(table.get::<domain::IntegrationLog>(&grant, id).await.is_err());
}

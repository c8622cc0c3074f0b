//! What providers told, for those who look after it.

use domain::provider_delivery::{Arrived, Handled};
use domain::{Caller, Grant, Integration, ProviderDelivery, ProviderDeliveryId, Role};
use serde_json::json;
use testkit::Ask;

use crate::support::{Desk, text};

async fn arrive(desk: &Desk, grant: &Grant, integration: &str, body: Option<&str>) -> ProviderDelivery {
    let platform = &desk.world.platform;
    desk.world.clock.advance(jiff::SignedDuration::from_millis(1));
    let integration: Integration =
        platform.table().get(grant, integration.parse().expect("an id")).await.expect("a connection");
    let id = ProviderDeliveryId::at(platform.now(), platform.random());
    let arrived = Arrived {
        event_id: Some("e1".to_owned()),
        message: None,
        content_type: "application/json".to_owned(),
        bytes: 2,
        body: body.map(str::to_owned),
    };
    let from = (integration.id, integration.provider);
    let change = ProviderDelivery::receive(id, grant.organization(), from, arrived, platform.now());
    platform.table().commit_unseen(grant, change).await.expect("it is kept")
}

#[tokio::test]
async fn deliveries_are_listed_by_where_they_stand_shown_with_their_body_and_replayed() {
    let desk = Desk::new().await;
    let made = desk.twilio().await;
    let id = text(&made["id"]);
    let grant = Caller::system(desk.tenant.organization, "test").own();
    let (now, table) = (desk.world.platform.now(), desk.world.platform.table());
    arrive(&desk, &grant, id, Some("{}")).await;
    let failed = arrive(&desk, &grant, id, None).await;
    let name = format!("{id}/{}", failed.id);
    let files = desk.world.platform.files().expect("files");
    files.put(&grant, "deliveries", &name, "application/octet-stream", b"long".to_vec()).await.expect("a file");
    let failed = table.commit_unseen(&grant, failed.given_up("no sense", now)).await.expect("it failed");
    let done = arrive(&desk, &grant, id, Some("CallSid=CA1")).await;
    table.commit_unseen(&grant, done.handled(Handled::Ignored("nothing_new"), now)).await.expect("it is done");

    let list = async |query: &str| {
        let page = desk.of(Ask::get(format!("/integrations/{id}/deliveries{query}"))).await.data(200);
        page["deliveries"].as_array().expect("a list").clone()
    };
    assert_eq!(list("").await.len(), 3);
    let listed = list("?status=failed").await;
    assert_eq!((listed.len(), &listed[0]["failure"], listed[0].get("body")), (1, &json!("no sense"), None));
    desk.of(Ask::get(format!("/integrations/{id}/deliveries?status=lost"))).await.expect(422);
    let path = format!("/integrations/{id}/deliveries/{}", failed.id);
    assert_eq!(desk.of(Ask::get(&path)).await.data(200)["body"], "long");

    let replayed = desk.of(Ask::new("POST", format!("{path}/replay"))).await.data(200);
    assert_eq!((&replayed["status"], &replayed["tries"]), (&json!("received"), &json!(0)));
    let log = desk.of(Ask::get("/integration-logs?integration_name=twilio")).await.data(200);
    assert_eq!(log["integration_logs"][0]["activity_type"], "webhook_replay");
    assert_eq!(log["integration_logs"][0]["created_by"], json!(desk.admin.user));
    let url = desk.world.platform.settings().provider_inbox_queue.clone().expect("a queue");
    let answer = desk.world.standins.sqs.client().receive_message().queue_url(&url).send().await.expect("messages");
    assert!(answer.messages()[0].body().is_some_and(|body| body.contains(&failed.id.to_string())));
}

#[tokio::test]
async fn a_delivery_of_another_connection_is_not_there_and_managers_see_none() {
    let desk = Desk::new().await;
    let (one, other) = (desk.twilio().await, desk.twilio().await);
    let grant = Caller::system(desk.tenant.organization, "test").own();
    let delivery = arrive(&desk, &grant, text(&one["id"]), Some("{}")).await;
    let path = |integration| format!("/integrations/{}/deliveries/{}", text(integration), delivery.id);
    desk.of(Ask::get(path(&one["id"]))).await.expect(200);
    desk.of(Ask::get(path(&other["id"]))).await.expect(404);
    let manager = desk.world.a_person(&desk.tenant, Role::Manager, desk.tenant.branch).await;
    Ask::get(path(&one["id"])).by(&manager).of(&desk.router).await.expect(403);
}

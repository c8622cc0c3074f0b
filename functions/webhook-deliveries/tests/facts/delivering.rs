//! What happens is told, once, signed, to those who want it.

use std::collections::BTreeSet;

use domain::webhook::{DeliveryStatus, WebhookSecret};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::support::{Desk, body};

#[tokio::test]
async fn an_event_is_told_to_each_endpoint_that_wants_it_signed_with_its_own_secret() {
    let desk = Desk::new().await;
    let (all, created) = (desk.endpoint("all", &["*"]).await, desk.endpoint("created", &["lead.created"]).await);
    let calls = desk.endpoint("calls", &["call.*"]).await;
    desk.settle().await;
    let before = desk.calls(&all).len();
    let lead = desk.a_lead("Asha Example").await;
    desk.change_lead(&lead, json!({"city": "Pune"})).await;
    desk.settle().await;

    let types: Vec<_> = desk.calls(&all)[before..].iter().map(|call| body(call)["type"].clone()).collect();
    assert_eq!(types.iter().filter(|kind| **kind == json!("lead.created")).count(), 1, "{types:?}");
    assert_eq!(types.iter().filter(|kind| **kind == json!("lead.updated")).count(), 1, "{types:?}");
    assert!(desk.calls(&calls).is_empty());
    let [call] = &desk.calls(&created)[..] else { panic!("one call") };
    let secret: WebhookSecret = serde_json::from_value(json!(created.secret)).expect("a secret");
    assert_eq!(call.signatures, [secret.sign(&call.id, call.at, &call.body)]);
    let ids: BTreeSet<String> = desk.world.webhooks.calls().into_iter().map(|call| call.id).collect();
    assert_eq!(ids.len(), desk.world.webhooks.calls().len(), "each has an id of its own");

    let message = body(call);
    assert_eq!(message["data"]["subject"], json!(lead));
    assert_eq!(message["data"]["actor"]["user_id"], json!(desk.admin.user));
    assert!(message["timestamp"].is_string() && message["data"]["version"] == 1 && message["data"]["record"] == "lead");
    let [delivery] = &desk.deliveries(&created).await[..] else { panic!("one delivery") };
    assert_eq!(
        (delivery.status, delivery.tries, delivery.id.to_string()),
        (DeliveryStatus::Succeeded, 1, call.id.clone())
    );
    assert!(desk.health(&created).await.last_success_at.is_some());
}

#[tokio::test]
async fn what_is_told_shows_each_field_before_and_after_as_its_maker_sees_it() {
    let desk = Desk::new().await;
    let told = desk.endpoint("updates", &["lead.updated"]).await;
    let lead = desk.a_lead("Asha Example").await;
    desk.change_lead(&lead, json!({"email": "asha@elsewhere.example", "city": "Pune"})).await;
    desk.settle().await;
    let change = |field: &str, calls: &[providers::WebhookCall]| {
        let changes = body(&calls[calls.len() - 1])["data"]["changes"].as_array().expect("changes").clone();
        changes.into_iter().find(|change| change["field"] == field).expect("the field")
    };
    let email = change("email", &desk.calls(&told));
    assert_eq!(email["before"], "asha_example@example.com");
    assert_eq!(email["after"], "asha@elsewhere.example");
    assert_eq!(change("city", &desk.calls(&told))["after"], "Pune");

    // Somebody who sees no personal fields wrote it: it gets none in the clear any more.
    let table = desk.world.platform.table();
    let endpoint = desk.kept(&told).await;
    let narrowed = endpoint.update(
        domain::webhook::EndpointPatch::default(),
        domain::PersonalFields::NONE,
        desk.world.platform.now(),
    );
    table.commit(&desk.grant, narrowed).await.expect("it is changed");
    desk.change_lead(&lead, json!({"email": "asha@third.example"})).await;
    desk.settle().await;
    assert_eq!(change("email", &desk.calls(&told))["after"], "a***@third.example");
    assert!(!desk.calls(&told).last().expect("a call").body.contains("asha@third"));
}

#[tokio::test]
async fn another_organizations_endpoint_hears_nothing() {
    let desk = Desk::new().await;
    let ours = desk.endpoint("ours", &["lead.*"]).await;
    let (tenant, stranger) = desk.world.an_admin().await;
    let leads = leads::router(desk.world.app());
    Ask::post("/leads", json!({"full_name": "Stranger"})).by(&stranger).of(&leads).await.expect(201);
    desk.settle().await;
    assert!(desk.calls(&ours).is_empty() && tenant.organization != desk.tenant.organization);
}

#[tokio::test]
async fn an_endpoint_that_is_off_or_gone_is_told_nothing_and_what_was_on_its_way_has_failed() {
    let desk = Desk::new().await;
    let (off, gone) = (desk.endpoint("off", &["lead.*"]).await, desk.endpoint("gone", &["lead.*"]).await);
    desk.a_lead("Asha Example").await;
    let news = desk.news().await;
    assert!(desk.follow(&news).await);
    desk.change(&off, json!({"enabled": false})).await;
    desk.ask(Ask::delete(format!("/webhook-endpoints/{}", gone.id))).await.expect(200);
    desk.settle().await;
    desk.a_lead("Bela Example").await;
    desk.settle().await;
    for told in [&off, &gone] {
        assert!(desk.calls(told).is_empty());
        let [delivery] = &desk.deliveries(told).await[..] else { panic!("one delivery") };
        assert_eq!((delivery.status, delivery.reason.as_deref()), (DeliveryStatus::Failed, Some("endpoint_disabled")));
    }
    for path in ["test", "recover"] {
        let ask =
            Ask::post(format!("/webhook-endpoints/{}/{path}", off.id), json!({"since": desk.world.platform.now()}));
        assert_eq!(desk.ask(ask).await.expect(409).json()["code"], "endpoint_disabled");
    }
}

#[tokio::test]
async fn what_was_purged_since_is_told_nobody() {
    let desk = Desk::new().await;
    let told = desk.endpoint("leads", &["lead.created"]).await;
    let lead = desk.a_lead("Asha Example").await;
    let news = desk.news().await;
    assert!(desk.follow(&news).await);
    // The purge of a record takes its events with it.
    let key = store::keys::event(desk.tenant.organization, &lead, 1);
    let client = desk.world.standins.dynamo.client();
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = client.delete_item().table_name(testkit::TABLE).key("pk", text(&key.pk)).key("sk", text(&key.sk));
    delete.send().await.expect("it is gone");
    desk.settle().await;
    assert!(desk.calls(&told).is_empty());
    assert_eq!(desk.deliveries(&told).await[0].reason.as_deref(), Some("event_gone"));
}

#[tokio::test]
async fn after_a_rotation_a_call_carries_both_signatures_for_a_day() {
    let desk = Desk::new().await;
    let told = desk.endpoint("rotated", &["lead.created"]).await;
    let rotate = Ask::new("POST", format!("/webhook-endpoints/{}/rotate-secret", told.id));
    let new = desk.ask(rotate).await.data(200)["secret"].clone();
    assert_ne!(new, json!(told.secret));
    desk.a_lead("Asha Example").await;
    desk.settle().await;
    let sign = |secret: &serde_json::Value, call: &providers::WebhookCall| {
        let secret: WebhookSecret = serde_json::from_value(secret.clone()).expect("a secret");
        secret.sign(&call.id, call.at, &call.body)
    };
    let call = desk.calls(&told).pop().expect("a call");
    assert_eq!(call.signatures, [sign(&new, &call), sign(&json!(told.secret), &call)]);
    desk.world.clock.advance(SignedDuration::from_hours(24));
    desk.a_lead("Bela Example").await;
    desk.settle().await;
    let call = desk.calls(&told).pop().expect("a call");
    assert_eq!(call.signatures, [sign(&new, &call)]);
}

#[tokio::test]
async fn an_endpoint_can_be_tried_out_and_a_delivery_sent_again_under_its_id() {
    let desk = Desk::new().await;
    let told = desk.endpoint("tried", &["lead.created"]).await;
    let headers = json!({"headers": {"X-Tenant": "example"}});
    desk.change(&told, headers).await;
    let test = Ask::new("POST", format!("/webhook-endpoints/{}/test", told.id));
    let delivery = desk.ask(test).await.data(202);
    desk.settle().await;
    let [call] = &desk.calls(&told)[..] else { panic!("one call") };
    assert_eq!((body(call)["type"].as_str(), json!(call.id)), (Some("webhook.test"), delivery["id"].clone()));
    assert_eq!(call.headers, [("x-tenant".to_owned(), "example".to_owned())]);

    desk.a_lead("Asha Example").await;
    desk.settle().await;
    let id = desk.calls(&told)[1].id.clone();
    let path = format!("/webhook-endpoints/{}/deliveries/{id}", told.id);
    desk.ask(Ask::new("POST", format!("{path}/resend"))).await.expect(202);
    desk.settle().await;
    let calls = desk.calls(&told);
    assert_eq!((calls.len(), &calls[2].id, &calls[2].body), (3, &id, &calls[1].body));
    let shown = desk.ask(Ask::get(&path)).await.data(200);
    assert_eq!((shown["attempts"].as_array().map(Vec::len), &shown["last_status"]), (Some(2), &json!(200)));
    assert_eq!(shown["message"]["type"], "lead.created");
    let list =
        desk.ask(Ask::get(format!("/webhook-endpoints/{}/deliveries?status=succeeded&type=lead.*", told.id))).await;
    assert_eq!(list.data(200)["deliveries"].as_array().map(Vec::len), Some(1));
    let other = desk.endpoint("other", &["lead.created"]).await;
    desk.ask(Ask::get(format!("/webhook-endpoints/{}/deliveries/{id}", other.id))).await.expect(404);
}

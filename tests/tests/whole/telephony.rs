//! A telephone system tells of a missed call: it is a call of the lead's, an automation follows, its person is told.

use local::{Local, Options};
use providers::inbound::{standard, twilio};
use runtime::Clock as _;
use serde_json::{Value, json};

use crate::caller::HttpCaller;

/// The secret of the Standard Webhooks specification's own examples.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TOKEN: &str = "12345-12345";

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().expect("a list")
}

/// The path of the address that a provider is given.
fn path<'a>(local: &Local, connection: &'a Value) -> &'a str {
    let url = connection["webhook_url"].as_str().expect("an address");
    url.strip_prefix(&local.base_url).expect("it is this platform's")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missed_call_travels_from_its_signed_callback_to_whoever_must_know() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let (mut owner, nobody) = (HttpCaller::of(&local.base_url), HttpCaller::of(&local.base_url));
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "an_owner@example.com",
        "password": "correct horse battery",
    });
    let signed_in = owner.post("/v1/auth/register", registration).await.data(201);
    owner.sign_in(&signed_in);
    let lead = json!({"full_name": "Bela Example", "phone": "9876543210", "assigned_to": signed_in["user"]["id"]});
    let lead = owner.post("/v1/leads", lead).await.data(201);
    let tell = json!([{"type": "notify", "to": ["owner"], "message": "Call {{ name }} back"}]);
    let rule = json!({"name": "Missed calls", "trigger": "call_missed", "actions": tell});
    owner.post("/v1/automation", rule).await.data(201);
    let connection = json!({
        "provider": "telephony", "name": "Main line", "credentials": {"signing_secret": SECRET},
    });
    let connection = owner.post("/v1/integrations", connection).await.data(201);
    let path = path(&local, &connection);

    for (number, status) in ["ringing", "no_answer"].into_iter().enumerate() {
        let (at, id) = (local.clock.now(), format!("evt_{number}"));
        let data = json!({"id": "c1", "status": status, "direction": "inbound", "from": "+919876543210"});
        let body = json!({"type": "call.updated", "timestamp": at, "data": data}).to_string();
        let signature = standard::sign(SECRET, &id, at, body.as_bytes()).expect("it is signed");
        let seconds = at.as_second().to_string();
        let headers = [("webhook-id", &*id), ("webhook-timestamp", &*seconds), ("webhook-signature", &*signature)];
        nobody.tell(path, "application/json", &headers[..2], &body).await.expect(404);
        let answer = nobody.tell(path, "application/json", &headers, &body).await.data(200);
        assert_eq!(answer, json!({"received": true}));
        nobody.tell(path, "application/json", &headers, &body).await.expect(200);
    }
    local.idle().await.expect("everything follows");

    let calls = owner.get("/v1/calls").await.data(200);
    let [call] = list(&calls, "calls") else { panic!("one call: {calls}") };
    assert_eq!((&call["lead_id"], &call["status"]), (&lead["id"], &json!("no_answer")));
    assert_eq!(call["direction"], "inbound");
    let told = owner.get("/v1/notifications").await.data(200);
    let message = json!("Call Bela Example back");
    let times = list(&told, "notifications").iter().filter(|one| one["message"] == message).count();
    assert_eq!(times, 1, "{told}");
    let deliveries = format!("/v1/integrations/{}/deliveries", connection["id"].as_str().expect("an id"));
    let deliveries = owner.get(&deliveries).await.data(200);
    assert_eq!(list(&deliveries, "deliveries").len(), 2);
    assert!(list(&deliveries, "deliveries").iter().all(|delivery| delivery["status"] == "processed"), "{deliveries}");
    let status = owner.get("/v1/integrations/status").await.data(200);
    assert!(status["integrations"][0]["last_success_at"].is_string());
    local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twilio_tells_by_a_form_at_the_address_that_it_was_given() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let (mut owner, nobody) = (HttpCaller::of(&local.base_url), HttpCaller::of(&local.base_url));
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "an_owner@example.com",
        "password": "correct horse battery",
    });
    owner.sign_in(&owner.post("/v1/auth/register", registration).await.data(201));
    let settings = json!({"unknown_callers": "lead"});
    let connection = json!({
        "provider": "twilio", "name": "Second line", "credentials": {"auth_token": TOKEN}, "settings": settings,
    });
    let connection = owner.post("/v1/integrations", connection).await.data(201);
    let url = connection["webhook_url"].as_str().expect("an address");
    let form =
        "CallSid=CA1&CallStatus=completed&Direction=inbound&From=%2B919876543210&To=%2B912226543210&CallDuration=30";
    let signature = twilio::sign(TOKEN, url, form.as_bytes());
    let headers = [("x-twilio-signature", &*signature)];
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";
    nobody.tell(path(&local, &connection), kind, &headers, form).await.expect(200);
    local.idle().await.expect("everything follows");
    let leads = owner.get("/v1/leads").await.data(200);
    let calls = owner.get("/v1/calls").await.data(200);
    assert_eq!(list(&leads, "leads").len(), 1);
    let call = &list(&calls, "calls")[0];
    assert_eq!((&call["lead_id"], &call["duration_seconds"]), (&leads["leads"][0]["id"], &json!(30)));
    local.shutdown().await;
}

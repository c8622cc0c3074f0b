//! Somebody objects: an automation mails a lead, they unsubscribe by the link in the mail, and the next mail is refused.

use local::{Local, Options};
use serde_json::{Value, json};

use crate::caller::HttpCaller;

const LEAD: &str = "a_lead@example.com";

/// Mails to the lead, the latest first.
async fn mails(caller: &HttpCaller) -> Vec<Value> {
    let all = caller.get("/outbox.json").await.expect(200).json();
    let all = all.as_array().cloned().expect("messages");
    all.into_iter().filter(|mail| mail["to"] == json!([LEAD])).collect()
}

/// The link of a header, its lines unfolded.
fn link(raw: &str) -> String {
    let unfolded = raw.replace("\r\n ", " ").replace("\r\n\t", " ");
    let (_, header) = unfolded.split_once("List-Unsubscribe: <").expect("the header");
    header.split_once('>').expect("its end").0.to_owned()
}

/// Sets the automation going for the lead, and tells what came of its step.
async fn run(local: &Local, caller: &HttpCaller, workflow: &str, lead: &Value) -> Value {
    let path = format!("/v1/automation/workflows/{workflow}/execute");
    let run = caller.post(&path, json!({"trigger_data": {"lead_id": lead}})).await.data(201);
    local.idle().await.expect("all that follows happens");
    let path = format!("/v1/automation/runs/{}", run["id"].as_str().expect("an id"));
    caller.get(&path).await.data(200)
}

#[tokio::test]
async fn one_click_in_a_mail_ends_them() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let mut caller = HttpCaller::of(&local.base_url);
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "an_owner@example.com",
        "password": "correct horse battery",
    });
    caller.sign_in(&caller.post("/v1/auth/register", registration).await.data(201));
    // Whatever time it is.
    let settings = json!({"quiet_hours": null, "sender_name": "Example Ltd"});
    caller.put("/v1/communication-settings", settings).await.expect(200);
    let rule = json!({
        "name": "Write", "trigger": "manual",
        "actions": [{"type": "send_email", "subject": "Hello {{ name }}", "message": "How are you?"}],
    });
    let workflow = caller.post("/v1/automation", rule).await.data(201)["id"].as_str().expect("an id").to_owned();
    let lead =
        caller.post("/v1/leads", json!({"full_name": "Nia Example", "email": LEAD})).await.data(201)["id"].clone();

    let first = run(&local, &caller, &workflow, &lead).await;
    assert_eq!(first["results"][0]["outcome"], "done", "{first}");
    let sent = mails(&caller).await;
    assert_eq!((sent.len(), &sent[0]["subject"]), (1, &json!("Hello Nia Example")));
    let page = caller.get(&format!("/outbox/{}", sent[0]["id"])).await.expect(200).text();
    let raw = page.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{raw}");
    assert!(raw.contains("From: \"Example Ltd\""), "{raw}");
    let link = link(&raw);
    let path = link.strip_prefix(&local.base_url).expect("a link to this platform").to_owned();

    let stranger = HttpCaller::of(&local.base_url);
    stranger.get(&path).await.expect(200);
    let looked = run(&local, &caller, &workflow, &lead).await;
    assert_eq!((&looked["results"][0]["outcome"], mails(&caller).await.len()), (&json!("done"), 2));

    stranger.post(&path, json!({})).await.expect(200);
    let refused = run(&local, &caller, &workflow, &lead).await;
    let result = &refused["results"][0];
    assert_eq!((&result["outcome"], &result["detail"]), (&json!("skipped"), &json!("unsubscribed")), "{refused}");
    assert_eq!(mails(&caller).await.len(), 2);
    let lead = lead.as_str().expect("an id");
    let now = caller.get(&format!("/v1/leads/{lead}/consents")).await.data(200);
    assert_eq!((&now["consents"][0]["state"], &now["email"]), (&json!("withdrawn"), &json!(LEAD)));
}

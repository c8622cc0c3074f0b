//! A notification on all its ways, over the whole platform: at once to a device and a mailbox, and in quiet hours at their
//! end.

use jiff::SignedDuration;
use local::{Local, Options};
use runtime::Clock as _;
use serde_json::{Value, json};
use standins::Push;

use crate::caller::HttpCaller;

/// What the outbox holds of a channel, the newest first.
async fn sent(caller: &HttpCaller, channel: &str, title: &str) -> Vec<Value> {
    let all = caller.get("/outbox.json").await.expect(200).json();
    let ours = |one: &&Value| one["channel"] == channel && one["subject"] == title;
    all.as_array().expect("messages").iter().filter(ours).cloned().collect()
}

/// Tells its sender something, and what follows from it is done.
async fn tell(local: &Local, caller: &HttpCaller, title: &str) -> String {
    let body = json!({"title": title, "message": "There is something.", "type": "alert", "action_url": "/leads"});
    let told = caller.post("/v1/notifications", body).await.data(201);
    local.idle().await.expect("what follows is done");
    told["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_pushed_and_mailed_and_waits_in_quiet_hours() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let mut owner = HttpCaller::of(&local.base_url);
    let owners = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "a_pushed_owner@example.com",
        "password": "correct horse battery",
    });
    owner.sign_in(&owner.post("/v1/auth/register", owners).await.data(201));
    assert_eq!(owner.get("/v1/notifications/push-key").await.data(200)["public_key"].as_str().map(str::len), Some(87));
    let subscription = serde_json::to_value(Push::subscription("whole")).expect("JSON");
    owner.post("/v1/devices", subscription).await.data(201);

    let id = tell(&local, &owner, "At once").await;
    let pushed = sent(&owner, "push", "At once").await;
    let payload: Value = serde_json::from_str(pushed[0]["text"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&payload["id"], &payload["body"]), (&json!(id), &json!("There is something.")));
    let mailed = sent(&owner, "email", "At once").await;
    assert_eq!(mailed[0]["to"], json!(["a_pushed_owner@example.com"]));

    // Quiet from an hour ago for two hours.
    let now = local.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
    let clock = |hours: i64| {
        let at = now.checked_add(SignedDuration::from_hours(hours)).expect("a time");
        format!("{:02}:{:02}", at.hour(), at.minute())
    };
    let quiet = json!({"quiet_hours": {"start": clock(-1), "end": clock(1), "timezone": "UTC"}});
    owner.put("/v1/notifications/preferences", quiet).await.data(200);
    let id = tell(&local, &owner, "Later").await;
    let deliveries = owner.get(&format!("/v1/notifications/{id}/deliveries")).await.data(200);
    let waiting = deliveries["deliveries"].as_array().expect("a list");
    assert_eq!(waiting.len(), 2, "an e-mail and a push");
    assert!(waiting.iter().all(|one| one["state"] == "queued" && one["tries"] == 0));
    assert!(sent(&owner, "push", "Later").await.is_empty());
    // And the time for which the clock leaves to its queue what it queued again.
    for minutes in [61, 11] {
        local.clock.advance(SignedDuration::from_mins(minutes)).expect("forward");
        local.idle().await.expect("what follows is done");
    }
    assert_eq!(sent(&owner, "push", "Later").await.len(), 1, "once");
    assert_eq!(sent(&owner, "email", "Later").await.len(), 1, "once");
    local.shutdown().await;
}

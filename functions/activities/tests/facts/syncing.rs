//! Calls and reminders of clients that were offline.

use domain::{CallId, ReminderId, Role};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::Person;

use crate::support::{Ground, id};

impl Ground {
    async fn pushed(&self, kind: &str, person: &Person, changes: &Value) -> Value {
        let body = json!({"client_id": "a phone", "changes": changes});
        self.post(format!("/{kind}/sync"), body, person).await.data(200)
    }

    /// What `person`'s client must know behind `since`, and where to go on.
    async fn fetched(&self, kind: &str, person: &Person, since: Option<&Value>) -> (Vec<Value>, Value, Value) {
        self.world.settle().await;
        let since = since.and_then(Value::as_str).map_or_else(String::new, |since| format!("?since={since}"));
        let part = self.get(format!("/{kind}/sync/{}{since}", person.user), person).await;
        let records = part["server_changes"].as_array().expect("a list").clone();
        (records, part["deleted_ids"].clone(), part["next_cursor"].clone())
    }

    fn later(&self, minutes: i64) -> Timestamp {
        self.world.clock.advance(SignedDuration::from_mins(minutes));
        self.world.platform.now()
    }
}

fn update(record: &Value, fields: &Value) -> Value {
    json!({"op": "update", "id": record["id"], "base_version": record["version"], "fields": fields})
}

#[tokio::test]
async fn a_call_held_offline_comes_with_its_times_and_is_counted_once() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let now = ground.later(50);
    let call = CallId::at(now, ground.world.platform.random()).to_string();
    let times = [now - SignedDuration::from_mins(30), now - SignedDuration::from_mins(25)].map(|at| at.to_string());
    let fields = json!({
        "lead_id": lead, "status": "completed", "outcome": "interested", "started_at": times[0], "ended_at": times[1],
        "version": 0,
    });
    let batch = json!([{"op": "create", "id": call, "fields": fields, "client_ts": "whenever"}]);
    let first = ground.pushed("calls", &agent, &batch).await;
    assert_eq!(first["applied"], json!([{"index": 0, "id": call, "version": 1, "ignored": ["version"]}]));
    let again = ground.pushed("calls", &agent, &batch).await;
    assert_eq!(again["applied"][0]["version"], 1);
    let (calls, ..) = ground.fetched("calls", &agent, None).await;
    assert_eq!((calls.len(), &calls[0]["duration_seconds"]), (1, &json!(300)));
    let counted: i64 = ground.figures("calls").await.iter().map(|(_, n)| n).sum();
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn what_both_changed_of_a_call_is_told_with_both_values_and_the_rest_is_done() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let call = ground.post("/calls", json!({"phone": "9876543210", "metadata": {"a": 1}}), &agent).await.data(201);
    let theirs = json!({"notes": "Ask again", "metadata": {"b": 2}});
    ground.put(format!("/calls/{}", id(&call)), theirs, &ground.admin).await.data(200);
    let mine = json!({"notes": "Call again", "outcome": "callback", "metadata": {"c": 3}});
    let answer = ground.pushed("calls", &agent, &json!([update(&call, &mine)])).await;
    let conflict = &answer["conflicts"][0];
    assert_eq!(conflict["fields"], json!([{"field": "notes", "client": "Call again", "server": "Ask again"}]));
    let server = &conflict["server"];
    assert_eq!((&server["outcome"], &server["metadata"]), (&json!("callback"), &json!({"a": 1, "b": 2, "c": 3})));
    let resolved = json!([{
        "op": "update", "id": id(&call), "base_version": conflict["version"], "fields": {"notes": "Call again"},
    }]);
    assert_eq!(ground.pushed("calls", &agent, &resolved).await["applied"].as_array().map(Vec::len), Some(1));
    let illegal = json!([update(server, &json!({"status": "queued"}))]);
    assert_eq!(ground.pushed("calls", &agent, &illegal).await["rejected"][0]["errors"][0]["field"], "status");
}

#[tokio::test]
async fn a_reminder_done_offline_is_followed_once_however_often_the_batch_comes() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let reminder = ReminderId::at(ground.world.platform.now(), ground.world.platform.random()).to_string();
    let due = ground.later(5) + SignedDuration::from_hours(1);
    let fields = json!({"title": "Call", "due_at": due.to_string(), "repeat": "daily"});
    let made = json!([{"op": "create", "id": reminder, "fields": fields}]);
    ground.pushed("reminders", &agent, &made).await;
    let done = json!([{"op": "update", "id": reminder, "base_version": 1, "fields": {"status": "completed"}}]);
    for _ in 0..2 {
        assert_eq!(ground.pushed("reminders", &agent, &done).await["applied"][0]["version"], 2);
    }
    let (reminders, ..) = ground.fetched("reminders", &agent, None).await;
    let statuses: Vec<&Value> = reminders.iter().map(|reminder| &reminder["status"]).collect();
    assert_eq!(statuses.len(), 2, "{statuses:?}");
    assert!(statuses.contains(&&json!("pending")) && statuses.contains(&&json!("completed")));
}

#[tokio::test]
async fn what_follows_from_a_change_is_no_conflict() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let due = ground.later(1) + SignedDuration::from_mins(1);
    let body = json!({"title": "Call", "due_at": due.to_string()});
    let reminder = ground.post("/reminders", body, &agent).await.data(201);
    ground.later(2);
    // The clock tells of it, which changes it; the phone has put it off meanwhile, which is told of anew.
    tick::handle(&ground.world.platform, &Value::Null).await.expect("a tick");
    let later = (due + SignedDuration::from_hours(2)).to_string();
    let answer = ground.pushed("reminders", &agent, &json!([update(&reminder, &json!({"due_at": later}))])).await;
    assert_eq!((answer["applied"].as_array().map(Vec::len), &answer["conflicts"]), (Some(1), &json!([])));
    let (reminders, ..) = ground.fetched("reminders", &agent, None).await;
    assert_eq!((&reminders[0]["due_at"], &reminders[0]["notified_at"]), (&json!(later), &Value::Null));
}

#[tokio::test]
async fn what_goes_to_somebody_else_or_goes_is_gone_for_the_first() {
    let ground = Ground::new().await;
    let (one, other) = (ground.person(Role::Agent).await, ground.person(Role::Agent).await);
    let due = (ground.later(1) + SignedDuration::from_hours(1)).to_string();
    let reminder = ground.post("/reminders", json!({"title": "Call", "due_at": due}), &one).await.data(201);
    let call = ground.post("/calls", json!({"phone": "9876543210"}), &one).await.data(201);
    let (.., reminders) = ground.fetched("reminders", &one, None).await;
    let (.., calls) = ground.fetched("calls", &one, None).await;
    ground.later(10);
    let path = format!("/reminders/{}", id(&reminder));
    ground.put(path, json!({"agentId": other.user}), &ground.admin).await.data(200);
    let gone = json!([{"op": "delete", "id": id(&call), "base_version": 1}]);
    let rejected = ground.pushed("calls", &one, &gone).await;
    assert_eq!(rejected["rejected"][0]["code"], "forbidden", "agents delete no calls");
    assert_eq!(ground.pushed("calls", &ground.admin, &gone).await["applied"][0]["version"], 2);
    let (told, deleted, _) = ground.fetched("reminders", &one, Some(&reminders)).await;
    assert_eq!((told.len(), &deleted), (0, &json!([id(&reminder)])));
    let (.., deleted, _) = ground.fetched("calls", &one, Some(&calls)).await;
    assert_eq!(deleted, json!([id(&call)]));
    let (theirs, ..) = ground.fetched("reminders", &other, None).await;
    assert_eq!(theirs[0]["id"], reminder["id"]);
}

//! The 58 paths of the tele-calling product, as its frontend asks them, and what each is for.

use local::{Local, Options};
use runtime::Clock as _;
use serde_json::{Value, json};

use crate::caller::HttpCaller;

const EMAIL: &str = "an_owner@example.com";
const PASSWORD: &str = "correct horse battery";

/// A team of one, who asks what the frontend asks under the product's own base path.
struct Floor {
    local: Local,
    caller: HttpCaller,
    me: String,
    asked: Vec<(&'static str, &'static str)>,
}

/// The seed's paths in its own words, by the group they stand in.
const PATHS: [(&str, &[&str]); 7] = [
    (
        "calls",
        &[
            "GET /agent/:agentId",
            "GET /:id",
            "POST /",
            "PUT /:id",
            "DELETE /:id",
            "POST /:id/start",
            "POST /:id/end",
            "GET /sync/:agentId",
            "POST /sync",
        ],
    ),
    (
        "reminders",
        &[
            "GET /agent/:agentId",
            "GET /:id",
            "POST /",
            "PUT /:id",
            "DELETE /:id",
            "POST /:id/complete",
            "GET /sync/:agentId",
            "POST /sync",
            "GET /overdue/:agentId",
            "GET /due-soon/:agentId",
        ],
    ),
    (
        "leads",
        &[
            "GET /",
            "GET /agent/:agentId",
            "GET /:id",
            "POST /",
            "PUT /:id",
            "DELETE /:id",
            "POST /:id/assign",
            "POST /:id/status",
            "GET /sync/:agentId",
            "POST /sync",
            "GET /search/:query",
            "GET /status/:status",
        ],
    ),
    ("agents", &["GET /", "GET /:id", "POST /", "PUT /:id", "POST /:id/status", "GET /:id/stats"]),
    (
        "sync",
        &[
            "GET /last/:agentId",
            "POST /full/:agentId",
            "POST /:type/:agentId",
            "GET /status/:agentId",
            "GET /history/:agentId",
            "POST /force/:agentId",
        ],
    ),
    (
        "notifications",
        &[
            "GET /agent/:agentId",
            "POST /",
            "PUT /:id/read",
            "PUT /agent/:agentId/read-all",
            "DELETE /:id",
            "GET /stats/:agentId",
            "POST /system",
        ],
    ),
    (
        "automation",
        &[
            "GET /",
            "POST /",
            "PUT /:id",
            "DELETE /:id",
            "GET /templates",
            "POST /from-template/:templateName",
            "POST /:id/test",
        ],
    ),
];

impl Floor {
    async fn open() -> Self {
        let local = Local::start(Options::default()).await.expect("the platform starts");
        let mut caller = HttpCaller::of(&local.base_url);
        let registration = json!({
            "organization_name": "Example Ltd", "first_name": "Asha", "email": EMAIL, "password": PASSWORD,
        });
        let signed_in = caller.post("/api/auth/register", registration).await.data(201);
        caller.sign_in(&signed_in);
        let me = text(&signed_in["user"]["id"]);
        Self { local, caller, me, asked: Vec::new() }
    }

    /// Asks one of the seed's paths; what stands after a colon is filled in in order.
    async fn ask(&mut self, group: &'static str, path: &'static str, with: &[&str], body: Value, status: u16) -> Value {
        self.asked.push((group, path));
        let (method, path) = path.split_once(' ').expect("a method and a path");
        let mut with = with.iter();
        let parts = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| if part.starts_with(':') { *with.next().expect("something to fill in") } else { part });
        let path = ["/api", group].into_iter().chain(parts).collect::<Vec<_>>().join("/");
        let answer = match method {
            "GET" => self.caller.get(&path).await,
            "DELETE" => self.caller.delete(&path).await,
            "PUT" => self.caller.put(&path, body).await,
            _ => self.caller.post(&path, body).await,
        };
        answer.data(status)
    }

    /// What follows from changes has followed.
    async fn settle(&self) {
        self.local.idle().await.expect("the stream is read to its end");
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn id(record: &Value) -> String {
    text(&record["id"])
}

fn has(list: &Value, record: &Value) -> bool {
    list.as_array().expect("a list").iter().any(|one| one["id"] == record["id"])
}

async fn leads(floor: &mut Floor) -> Value {
    let me = floor.me.clone();
    let body = json!({"name": "Ravi Example", "phone": "98765 43210", "source": "Website", "assigned_to": me});
    let lead = floor.ask("leads", "POST /", &[], body, 201).await;
    let one = id(&lead);
    floor.settle().await;
    assert!(has(&floor.ask("leads", "GET /", &[], Value::Null, 200).await["leads"], &lead));
    assert!(has(&floor.ask("leads", "GET /agent/:agentId", &[&me], Value::Null, 200).await["leads"], &lead));
    assert_eq!(floor.ask("leads", "GET /:id", &[&one], Value::Null, 200).await["phone"], "+919876543210");
    assert_eq!(floor.ask("leads", "PUT /:id", &[&one], json!({"city": "Akola"}), 200).await["city"], "Akola");
    let assigned = floor.ask("leads", "POST /:id/assign", &[&one], json!({"assigned_to": me}), 200).await;
    assert_eq!(assigned["assigned_to"], json!(me));
    let moved = floor.ask("leads", "POST /:id/status", &[&one], json!({"status": "assessment"}), 200).await;
    assert_eq!(moved["status"], "assessment");
    floor.settle().await;
    assert!(has(&floor.ask("leads", "GET /search/:query", &["ravi"], Value::Null, 200).await["leads"], &lead));
    assert!(has(&floor.ask("leads", "GET /status/:status", &["assessment"], Value::Null, 200).await["leads"], &lead));
    let told = floor.ask("leads", "GET /sync/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&told["server_changes"], &lead));
    let change = json!({"op": "update", "id": one, "base_version": moved["version"], "fields": {"city": "Pune"}});
    let synced = floor.ask("leads", "POST /sync", &[], json!({"changes": [change]}), 200).await;
    assert_eq!(synced["applied"][0]["id"], json!(one));
    let other = floor.ask("leads", "POST /", &[], json!({"name": "Meera Example"}), 201).await;
    floor.ask("leads", "DELETE /:id", &[&id(&other)], Value::Null, 200).await;
    floor.caller.get(&format!("/api/leads/{}", id(&other))).await.expect(404);
    lead
}

async fn calls(floor: &mut Floor, lead: &Value) {
    let me = floor.me.clone();
    let call = floor.ask("calls", "POST /", &[], json!({"lead_id": lead["id"]}), 201).await;
    let one = id(&call);
    assert_eq!(floor.ask("calls", "POST /:id/start", &[&one], json!({}), 200).await["status"], "in_progress");
    let ended = floor.ask("calls", "POST /:id/end", &[&one], json!({"outcome": "interested"}), 200).await;
    let ended = if ended["status"].is_null() { ended["call"].clone() } else { ended };
    assert_eq!((&ended["status"], &ended["outcome"]), (&json!("completed"), &json!("interested")));
    assert_eq!(floor.ask("calls", "GET /:id", &[&one], Value::Null, 200).await["outcome"], "interested");
    let noted = floor.ask("calls", "PUT /:id", &[&one], json!({"notes": "Wants a brochure"}), 200).await;
    assert_eq!(noted["notes"], "Wants a brochure");
    floor.settle().await;
    assert!(has(&floor.ask("calls", "GET /agent/:agentId", &[&me], Value::Null, 200).await["calls"], &call));
    let told = floor.ask("calls", "GET /sync/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&told["server_changes"], &call));
    let change = json!({"op": "update", "id": one, "base_version": noted["version"], "fields": {"notes": "Sent"}});
    let synced = floor.ask("calls", "POST /sync", &[], json!({"changes": [change]}), 200).await;
    assert_eq!(synced["applied"][0]["id"], json!(one));
    floor.ask("calls", "DELETE /:id", &[&one], Value::Null, 200).await;
}

async fn reminders(floor: &mut Floor, lead: &Value) {
    let (me, now) = (floor.me.clone(), floor.local.clock.now());
    let at = |minutes: i64| (now + jiff::SignedDuration::from_mins(minutes)).to_string();
    let soon = json!({"title": "Call back", "lead_id": lead["id"], "due_at": at(10)});
    let soon = floor.ask("reminders", "POST /", &[], soon, 201).await;
    let late = floor.ask("reminders", "POST /", &[], json!({"title": "Missed", "due_at": at(-10)}), 201).await;
    let (one, other) = (id(&soon), id(&late));
    assert_eq!(floor.ask("reminders", "GET /:id", &[&one], Value::Null, 200).await["status"], "pending");
    let put = floor.ask("reminders", "PUT /:id", &[&one], json!({"priority": "high"}), 200).await;
    assert_eq!(put["priority"], "high");
    let mine = floor.ask("reminders", "GET /agent/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&mine["reminders"], &soon) && has(&mine["reminders"], &late));
    let overdue = floor.ask("reminders", "GET /overdue/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&overdue["reminders"], &late) && !has(&overdue["reminders"], &soon));
    let due = floor.ask("reminders", "GET /due-soon/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&due["reminders"], &soon) && !has(&due["reminders"], &late));
    floor.settle().await;
    let told = floor.ask("reminders", "GET /sync/:agentId", &[&me], Value::Null, 200).await;
    assert!(has(&told["server_changes"], &soon));
    let change = json!({"op": "update", "id": one, "base_version": put["version"], "fields": {"title": "Call Ravi"}});
    let synced = floor.ask("reminders", "POST /sync", &[], json!({"changes": [change]}), 200).await;
    assert_eq!(synced["applied"][0]["id"], json!(one));
    let done = floor.ask("reminders", "POST /:id/complete", &[&one], json!({}), 200).await;
    assert_eq!(done["status"], "completed");
    floor.ask("reminders", "DELETE /:id", &[&other], Value::Null, 200).await;
}

async fn agents(floor: &mut Floor) {
    let branch = floor.caller.get("/api/branches").await.data(200)["branches"][0]["id"].clone();
    let body = json!({
        "email": "an_agent@example.com", "first_name": "Meera", "password": PASSWORD, "branch_ids": [branch],
    });
    let agent = floor.ask("agents", "POST /", &[], body, 201).await;
    let one = id(&agent);
    floor.settle().await;
    assert!(has(&floor.ask("agents", "GET /", &[], Value::Null, 200).await["agents"], &agent));
    let put = floor.ask("agents", "PUT /:id", &[&one], json!({"department": "Calls"}), 200).await;
    assert_eq!(put["department"], "Calls");
    floor.ask("agents", "POST /:id/status", &[&one], json!({"status": "break"}), 200).await;
    assert_eq!(floor.ask("agents", "GET /:id", &[&one], Value::Null, 200).await["status"], "break");
    let stats = floor.ask("agents", "GET /:id/stats", &[&one], Value::Null, 200).await;
    assert!(stats.is_object(), "{stats}");
}

async fn sync(floor: &mut Floor, lead: &Value) {
    let me = floor.me.clone();
    assert!(floor.ask("sync", "GET /last/:agentId", &[&me], Value::Null, 200).await["last_sync"].is_string());
    let full = floor.ask("sync", "POST /full/:agentId", &[&me], json!({}), 200).await;
    assert!(has(&full["leads"]["server_changes"], lead));
    let part = floor.ask("sync", "POST /:type/:agentId", &["leads", &me], json!({}), 200).await;
    assert!(has(&part["server_changes"], lead));
    assert_eq!(floor.ask("sync", "GET /status/:agentId", &[&me], Value::Null, 200).await["agent_id"], json!(me));
    let history = floor.ask("sync", "GET /history/:agentId", &[&me], Value::Null, 200).await;
    assert_eq!(history["syncs"][0]["mode"], "selective");
    let forced = floor.ask("sync", "POST /force/:agentId", &[&me], json!({}), 200).await;
    assert_eq!(forced["types"], json!(["leads", "calls", "reminders"]));
}

async fn notifications(floor: &mut Floor) {
    let me = floor.me.clone();
    let body = json!({"user_id": me, "type": "call", "title": "Missed call", "message": "Ravi called"});
    let one = id(&floor.ask("notifications", "POST /", &[], body, 201).await);
    let mine = floor.ask("notifications", "GET /agent/:agentId", &[&me], Value::Null, 200).await;
    assert!(mine["notifications"].as_array().is_some_and(|all| all.iter().any(|told| told["id"] == json!(one))));
    assert_eq!(floor.ask("notifications", "PUT /:id/read", &[&one], json!({}), 200).await["is_read"], true);
    floor.ask("notifications", "PUT /agent/:agentId/read-all", &[&me], json!({}), 200).await;
    assert_eq!(floor.ask("notifications", "GET /stats/:agentId", &[&me], Value::Null, 200).await["unread"], 0);
    floor.ask("notifications", "DELETE /:id", &[&one], Value::Null, 200).await;
    let body = json!({"title": "Tonight", "message": "The platform rests from ten to eleven."});
    floor.ask("notifications", "POST /system", &[], body, 202).await;
}

async fn automation(floor: &mut Floor, lead: &Value) {
    let templates = floor.ask("automation", "GET /templates", &[], Value::Null, 200).await;
    let named = text(&templates["templates"][0]["key"]);
    let made = floor.ask("automation", "POST /from-template/:templateName", &[&named], json!({}), 201).await;
    let rule = json!({
        "name": "Follow up", "trigger": "lead.created",
        "actions": [{"type": "create_reminder", "title": "Call", "due_in_minutes": 60}],
    });
    let rule = floor.ask("automation", "POST /", &[], rule, 201).await;
    let rules = floor.ask("automation", "GET /", &[], Value::Null, 200).await;
    assert!(has(&rules["rules"], &made) && has(&rules["rules"], &rule));
    let off = floor.ask("automation", "PUT /:id", &[&id(&rule)], json!({"is_active": false}), 200).await;
    assert_eq!(off["is_active"], false);
    let trace = floor.ask("automation", "POST /:id/test", &[&id(&rule)], json!({"lead_id": lead["id"]}), 200).await;
    assert_eq!(
        (&trace["would_run"], &trace["actions"][0]["would"]["title"]),
        (&json!(false), &json!("Call")),
        "it is off"
    );
    floor.ask("automation", "DELETE /:id", &[&id(&rule)], Value::Null, 200).await;
}

#[tokio::test]
async fn each_of_the_58_paths_answers_as_the_telecalling_frontend_asks_it() {
    let mut floor = Floor::open().await;
    let health = floor.caller.get("/api/health").await.expect(200).json();
    assert_eq!(health["status"], "OK");
    let lead = leads(&mut floor).await;
    calls(&mut floor, &lead).await;
    reminders(&mut floor, &lead).await;
    agents(&mut floor).await;
    sync(&mut floor, &lead).await;
    notifications(&mut floor).await;
    automation(&mut floor, &lead).await;
    let all: Vec<(&str, &str)> =
        PATHS.iter().flat_map(|(group, paths)| paths.iter().map(|path| (*group, *path))).collect();
    assert_eq!(all.len(), 57, "and health");
    let never: Vec<_> = all.iter().filter(|path| !floor.asked.contains(path)).collect();
    assert!(never.is_empty(), "{never:?}");
    floor.local.shutdown().await;
}

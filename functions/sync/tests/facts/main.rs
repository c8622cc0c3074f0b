//! What a client keeps, and how it stands.

use axum::Router;
use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, World};

struct Ground {
    world: World,
    admin: Person,
    agent: Person,
    sync: Router,
    leads: Router,
    activities: Router,
}

impl Ground {
    async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let (sync, leads) = (sync::router(world.app()), leads::router(world.app()));
        let activities = activities::router(world.app());
        Self { world, admin, agent, sync, leads, activities }
    }

    /// A lead, a call and a reminder of the agent's.
    async fn some(&self) -> [Value; 3] {
        let lead = Ask::post("/leads", json!({"full_name": "Asha Example"})).by(&self.agent).of(&self.leads).await;
        let call = Ask::post("/calls", json!({"phone": "9876543210"})).by(&self.agent).of(&self.activities).await;
        let reminder = json!({"title": "Call", "due_at": self.world.platform.now().to_string()});
        let reminder = Ask::post("/reminders", reminder).by(&self.agent).of(&self.activities).await;
        let made = [lead.data(201), call.data(201), reminder.data(201)];
        self.world.settle().await;
        made
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        Ask::post(format!("/sync/{path}/{}", self.agent.user), body).by(&self.agent).of(&self.sync).await
    }

    async fn get(&self, path: &str) -> Value {
        Ask::get(format!("/sync/{path}/{}", self.agent.user)).by(&self.admin).of(&self.sync).await.data(200)
    }

    /// What `kind`'s own operation tells behind a cursor.
    async fn own(&self, kind: &str, since: &Value) -> Answer {
        let since = since.as_str().expect("a cursor");
        let ask = Ask::get(format!("/{kind}/sync/{}?since={since}", self.agent.user)).by(&self.agent);
        ask.of(if kind == "leads" { &self.leads } else { &self.activities }).await
    }

    fn later(&self) {
        self.world.clock.advance(SignedDuration::from_mins(10));
    }
}

const KINDS: [&str; 3] = ["leads", "calls", "reminders"];

#[tokio::test]
async fn a_full_sync_tells_every_kind_and_each_goes_on_by_its_own_cursor() {
    let ground = Ground::new().await;
    let made = ground.some().await;
    ground.some().await;
    let full = ground.post("full", json!({"limit": 1})).await.data(200);
    assert_eq!(full["has_more"], true);
    for (kind, made) in KINDS.into_iter().zip(&made) {
        let (first, rest) = (&full[kind]["server_changes"], json!({"since": full[kind]["next_cursor"]}));
        let rest = ground.post(kind, rest).await.data(200);
        let ids: Vec<&Value> = [first, &rest["server_changes"]]
            .into_iter()
            .flat_map(|part| part.as_array().expect("a list"))
            .map(|record| &record["id"])
            .collect();
        assert_eq!(ids.len(), 2, "{kind}: {ids:?}");
        assert!(ids.contains(&&made["id"]), "{kind}");
        assert_eq!(rest["type"], kind);
        // The same cursor goes on at the kind's own operation.
        ground.own(kind, &rest["next_cursor"]).await.data(200);
    }
    let wrong = ground.post("full", json!({"since": "x"})).await.expect(422).wrong();
    assert_eq!(wrong, [("since".into(), "not_here".into())]);
    ground.post("leads", json!({"since": "x", "limit": 0})).await.expect(422);
    ground.post("notes", json!({})).await.expect(404);
}

#[tokio::test]
async fn who_is_forced_begins_anew_and_loses_nothing_that_it_brings() {
    let ground = Ground::new().await;
    let [lead, ..] = ground.some().await;
    ground.later();
    let mut old = Vec::new();
    for kind in KINDS {
        old.push(ground.post(kind, json!({})).await.data(200)["next_cursor"].clone());
    }
    ground.later();
    let forced = Ask::post(format!("/sync/force/{}", ground.agent.user), json!({"types": ["leads", "calls"]}));
    let forced = forced.by(&ground.admin).of(&ground.sync).await.data(200);
    assert_eq!(forced["types"], json!(["leads", "calls"]));
    for (kind, old) in KINDS.into_iter().zip(&old) {
        let answer = ground.own(kind, old).await;
        if kind == "reminders" {
            answer.data(200);
        } else {
            assert_eq!(answer.expect(410).json()["code"], "sync_required", "{kind}");
        }
    }
    let fields = json!({"city": "Akola"});
    let change = json!({"op": "update", "id": lead["id"], "base_version": lead["version"], "fields": fields});
    let batch = json!({"since": old[0], "changes": [change]});
    let brought = Ask::post("/leads/sync", batch.clone()).by(&ground.agent).of(&ground.leads).await;
    brought.expect(410);
    let mut batch = batch;
    batch.as_object_mut().expect("a batch").remove("since");
    let again = Ask::post("/leads/sync", batch).by(&ground.agent).of(&ground.leads).await.data(200);
    assert_eq!(again["applied"][0]["version"], json!(lead["version"].as_u64().expect("a version") + 1));
    assert_eq!(again["server_changes"][0]["city"], "Akola");
    // Whoever began anew goes on in peace.
    let anew = ground.post("leads", json!({})).await.data(200);
    ground.own("leads", &anew["next_cursor"]).await.data(200);
    ground.later();
    ground.own("leads", &anew["next_cursor"]).await.data(200);
    ground.post("force", json!({"types": ["notes"]})).await.expect(422);
}

#[tokio::test]
async fn how_a_client_stands_is_told_and_what_became_of_its_asking() {
    let ground = Ground::new().await;
    assert_eq!(ground.get("status").await["status"], "never");
    assert_eq!(ground.get("last").await["last_sync"], Value::Null);
    let [lead, ..] = ground.some().await;
    ground.later();
    ground.post("full", json!({})).await.data(200);
    let status = ground.get("status").await;
    assert_eq!((&status["status"], &status["pending_changes"]), (&json!("up_to_date"), &json!(0)));
    let last = ground.get("last").await;
    assert_eq!(last["leads"], last["last_sync"]);
    ground.later();
    let path = format!("/leads/{}", lead["id"].as_str().expect("an id"));
    Ask::put(&path, json!({"city": "Pune"})).by(&ground.admin).of(&ground.leads).await.data(200);
    ground.world.settle().await;
    let status = ground.get("status").await;
    assert_eq!((&status["status"], &status["pending_changes"]), (&json!("pending"), &json!(1)));
    let change =
        json!({"op": "update", "id": lead["id"], "base_version": lead["version"], "fields": {"city": "Akola"}});
    let batch = json!({"client_id": "a phone", "changes": [change, {"op": "delete", "id": "lead_x"}]});
    let answer = Ask::post("/leads/sync", batch).by(&ground.agent).of(&ground.leads).await.data(200);
    assert_eq!(
        (answer["conflicts"].as_array().map(Vec::len), answer["rejected"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );
    let leads = &ground.get("status").await["types"][0];
    assert_eq!((&leads["client_id"], &leads["conflicts"]), (&json!("a phone"), &json!(1)));
    // Three of the full sync, and the batch; how clients stand is no asking.
    let path = format!("/sync/history/{}?limit=3", ground.agent.user);
    let page = Ask::get(&path).by(&ground.agent).of(&ground.sync).await.data(200);
    let newest = &page["syncs"][0];
    let told: Vec<&Value> =
        ["type", "mode", "client_id", "applied", "conflicts", "rejected"].map(|name| &newest[name]).into();
    assert_eq!(json!(told), json!(["leads", "incremental", "a phone", 0, 1, 1]));
    let path = format!("{path}&cursor={}", page["next_cursor"].as_str().expect("there is more"));
    let rest = Ask::get(path).by(&ground.agent).of(&ground.sync).await.data(200);
    assert_eq!((rest["syncs"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(1), &Value::Null));
    assert_eq!(rest["syncs"][0]["mode"], "full");
}

//! Agents: who they are, what they do, and how they do.

use domain::record::{Meta, Record};
use domain::{Change, Count, Role, RowReach};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::support::{House, new_user, text};

/// Something that counts: stands for whatever counts calls and reminders.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counted {
    meta: Meta,
    id: domain::JobId,
}

impl Record for Counted {
    const KIND: &'static str = "counted";
    type Id = domain::JobId;
    fn id(&self) -> Self::Id {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
}

async fn count(house: &House, of: &Person, metric: &str, dimension: &str, by: i64, seconds: i64) {
    let (platform, now) = (&house.world.platform, house.world.platform.now());
    let meta = Meta::new(house.tenant.organization, now);
    let record = Counted { meta, id: domain::JobId::at(now, platform.random()) };
    let count = Count::daily(metric, Some(house.tenant.branch), now, dimension).of(Some(of.user));
    let count = Count { by, ..count }.and("s", seconds);
    let change = Change::create(record, "counted.created").counting([count]);
    platform.table().commit(&house.grant(), change).await.expect("a change");
}

async fn status(house: &House, by: &Person, of: &Person, to: &str) -> testkit::Answer {
    let path = format!("/agents/{}/status", of.user);
    house.by(by, Ask::post(path, json!({"status": to}))).await
}

fn ids(list: &Value) -> Vec<String> {
    list["agents"].as_array().expect("a list").iter().map(|agent| text(&agent["id"])).collect()
}

#[tokio::test]
async fn agents_are_those_who_work_leads() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let counselor = house.somebody(Role::Counselor).await;
    for role in [Role::Manager, Role::Viewer, Role::PartnerUser, Role::Lead] {
        let other = house.somebody(role).await;
        house.get(&format!("/agents/{}", other.user)).await.expect(404);
    }
    let caller = json!({"name": "Caller", "permissions": ["leads:read", "leads:write"], "reach": "own"});
    let reader = json!({"name": "Reader", "permissions": ["leads:read"], "reach": "own"});
    let caller = text(&house.post("/roles", caller).await.data(201)["id"]);
    let reader = text(&house.post("/roles", reader).await.data(201)["id"]);
    let own = house.post("/users", new_user("caller@example.com", &caller, house.tenant.branch)).await.data(201);
    house.post("/users", new_user("reader@example.com", &reader, house.tenant.branch)).await.expect(201);
    let mut found = ids(&house.get("/agents").await.data(200));
    let mut expected = vec![agent.user.to_string(), counselor.user.to_string(), text(&own["id"])];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(ids(&house.get("/agents?role=counselor").await.data(200)), [counselor.user.to_string()]);
}

#[tokio::test]
async fn an_agent_is_added_and_changed_as_a_person_is() {
    let house = House::new().await;
    let mut body = new_user("agent@example.com", "agent", house.tenant.branch);
    body.as_object_mut().expect("fields").remove("role");
    let answer = house.post("/agents", body).await;
    let agent = answer.data(201);
    assert_eq!((&agent["role"], &agent["status"]), (&json!("agent"), &json!("offline")));
    let path = answer.header("location").expect("a place").to_owned();
    let changed = house.put(&path, json!({"department": "Calls"})).await.data(200);
    assert_eq!(changed["department"], "Calls");
    let refused = house.put(&path, json!({"role": "manager"})).await;
    assert_eq!(refused.expect(422).wrong(), [("role".into(), "no_agent".into())]);
    let refused = house.post("/agents", new_user("boss@example.com", "manager", house.tenant.branch)).await;
    assert_eq!(refused.expect(422).wrong(), [("role".into(), "no_agent".into())]);
    assert_eq!(house.get("/users").await.data(200)["pagination"]["total_records"], 2, "nobody was added with it");
    house.put(&format!("/agents/{}", house.admin.user), json!({"department": "Calls"})).await.expect(404);
}

#[tokio::test]
async fn an_agent_sees_themselves_and_a_manager_those_of_their_branch() {
    let house = House::new().await;
    let (agent, other) = (house.somebody(Role::Agent).await, house.somebody(Role::Agent).await);
    let elsewhere = house.world.a_person(&house.tenant, Role::Agent, house.tenant.other_branch).await;
    let manager = house.somebody(Role::Manager).await;
    let team = house.world.a_person_reaching(&house.tenant, Role::Manager, house.tenant.branch, Some(RowReach::Team));
    let team = team.await;
    house.place(agent.user, |member| member.manager = Some(team.user)).await;
    let list = async |person: &Person| ids(&house.by(person, Ask::get("/agents")).await.data(200));
    assert_eq!(list(&agent).await, [agent.user.to_string()]);
    assert_eq!(list(&team).await, [agent.user.to_string()]);
    assert_eq!(list(&manager).await.len(), 2);
    for (by, of, expected) in [
        (&agent, &agent, 200),
        (&agent, &other, 404),
        (&team, &agent, 200),
        (&team, &other, 404),
        (&manager, &other, 200),
        (&manager, &elsewhere, 404),
        (&house.admin, &elsewhere, 200),
    ] {
        house.by(by, Ask::get(format!("/agents/{}", of.user))).await.expect(expected);
        house.by(by, Ask::get(format!("/agents/{}/stats", of.user))).await.expect(expected);
        status(&house, by, of, "available").await.expect(expected);
    }
}

#[tokio::test]
async fn the_time_in_each_status_is_kept() {
    let house = House::new().await;
    let agent = house.renewed(&house.somebody(Role::Agent).await);
    house.later(100);
    status(&house, &agent, &agent, "available").await.expect(200);
    house.later(60);
    // Saying it again changes nothing.
    status(&house, &agent, &agent, "available").await.expect(200);
    house.later(40);
    status(&house, &agent, &agent, "on_call").await.expect(200);
    house.later(30);
    let path = format!("/agents/{}", agent.user);
    let shown = house.get(&path).await.data(200);
    assert_eq!(shown["status"], "on_call");
    let seconds = json!({"available": 100, "on_call": 30, "wrap_up": 0, "break": 0, "offline": 100});
    assert_eq!((&shown["seconds_total"], &shown["seconds_today"]), (&seconds, &seconds));
    house.world.settle().await;
    let stats = house.get(&format!("{path}/stats")).await.data(200);
    assert_eq!(stats["status_seconds"], seconds);
    let refused = status(&house, &agent, &agent, "asleep").await;
    assert_eq!(refused.expect(422).wrong(), [("status".into(), "unknown_status".into())]);
}

#[tokio::test]
async fn two_changes_at_once_lose_no_second() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    house.later(50);
    let (first, second) =
        tokio::join!(status(&house, &agent, &agent, "available"), status(&house, &house.admin, &agent, "break"));
    first.expect(200);
    second.expect(200);
    house.later(50);
    let shown = house.get(&format!("/agents/{}", agent.user)).await.data(200);
    let total: u64 = shown["seconds_total"].as_object().expect("seconds").values().filter_map(Value::as_u64).sum();
    assert_eq!(total, 100);
}

#[tokio::test]
async fn stats_are_read_from_what_was_counted_of_the_agent_alone() {
    let house = House::new().await;
    let (agent, other) = (house.somebody(Role::Agent).await, house.somebody(Role::Agent).await);
    for person in [&agent, &other] {
        count(&house, person, "calls", "completed|interested", 6, 600).await;
        count(&house, person, "calls", "no_answer|none", 4, 0).await;
        count(&house, person, "reminders", "on_time", 3, 0).await;
        count(&house, person, "reminders", "late", 1, 0).await;
        count(&house, person, "leads_worked", "won|converted", 2, 0).await;
    }
    house.world.settle().await;
    let path = format!("/agents/{}/stats?range=today&daily_target=20", agent.user);
    let stats = house.by(&agent, Ask::get(path)).await.data(200);
    assert_eq!(stats["calls"]["total"], 10);
    assert_eq!((&stats["calls"]["connected"], &stats["calls"]["duration_seconds"]), (&json!(6), &json!(600)));
    let outcomes = json!([{"name": "interested", "count": 6}, {"name": "none", "count": 4}]);
    assert_eq!(stats["calls"]["by_outcome"], outcomes);
    assert_eq!(stats["reminders"], json!({"on_time": 3, "late": 1}));
    assert_eq!(stats["leads"]["converted"], 2);
    // 0.6 × 30 + 1 × 30 + 0.75 × 20 + 0.5 × 20
    assert_eq!(stats["performance"]["score"], 73);
    let refused = house.get(&format!("/agents/{}/stats?range=x&daily_target=0", agent.user)).await;
    let wrong: Vec<String> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["daily_target", "range"]);
}

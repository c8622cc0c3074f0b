//! What is said of one agent, of calls, and of the floor.

use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Office, from};

fn a_call(status: &str, seconds: u32, outcome: Option<&str>) -> Value {
    json!({"phone": "9876543210", "status": status, "duration_seconds": seconds, "outcome": outcome})
}

#[tokio::test]
async fn an_agents_performance_has_every_day_a_trend_and_a_score() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let agent = world.a_person(tenant, Role::Agent, tenant.branch).await;
    let other = world.a_person(tenant, Role::Agent, tenant.branch).await;
    for seconds in [30, 90] {
        office.calls(&agent, a_call("completed", seconds, Some("interested"))).await;
    }
    office.calls(&other, a_call("completed", 500, Some("converted"))).await;
    office.days_later(2);
    let (agent, other) = (office.renewed(&agent), office.renewed(&other));
    for (status, seconds, outcome) in
        [("completed", 100, Some("converted")), ("completed", 200, Some("callback")), ("no_answer", 0, None)]
    {
        office.calls(&agent, a_call(status, seconds, outcome)).await;
    }
    office.calls(&other, a_call("busy", 0, None)).await;
    let won = office.arrives(tenant.branch, Some(agent.user), from("Fair")).await;
    office.moves(won, "converted").await;
    office.arrives(tenant.branch, Some(agent.user), from("Fair")).await;
    let reminder = json!({"title": "Call back", "due_at": world.platform.now() + SignedDuration::from_mins(5)});
    let made = Ask::post("/reminders", reminder).by(&agent).of(&office.activities).await.data(201);
    let done = format!("/reminders/{}/complete", made["id"].as_str().expect("an id"));
    Ask::post(done, json!({})).by(&agent).of(&office.activities).await.expect(200);

    let path = format!("agents/{}/performance?range=2d&daily_target=3", agent.user);
    let report = office.report(&agent, &path).await;
    assert_eq!(report["range"], json!({"from": "2026-11-21", "to": "2026-11-22"}));
    assert_eq!(report["previous"], json!({"from": "2026-11-19", "to": "2026-11-20"}));
    assert_eq!(
        report["calls"],
        json!({
            "total": 3, "connected": 2, "connect_rate": 66.7, "converted": 1, "conversion_rate": 50.0,
            "talk_seconds": 300, "average_seconds": 150,
        })
    );
    assert_eq!(report["leads"], json!({"total": 2, "converted": 1, "lost": 0, "conversion_rate": 50.0}));
    assert_eq!(report["reminders"], json!({"completed": 1, "on_time": 1, "late": 0, "on_time_rate": 100.0}));
    assert_eq!(report["now"], json!({"status": "offline", "leads": 2, "open_leads": 1}));
    let days: Vec<_> = report["daily"]
        .as_array()
        .expect("days")
        .iter()
        .map(|day| (day["date"].clone(), day["calls"].clone()))
        .collect();
    assert_eq!(days, [(json!("2026-11-21"), json!(0)), (json!("2026-11-22"), json!(3))]);
    assert_eq!(
        (&report["trend"]["calls_change"], &report["trend"]["connect_rate_change"]),
        (&json!(50.0), &json!(-33.3))
    );
    assert_eq!(report["trend"]["leads_change"], 0.0, "there was nothing before");
    // 2/3 × 30 + 1/2 × 30 + 1 × 20 + 3/6 × 20; before: 1 × 30 + 2/6 × 20.
    assert_eq!((&report["performance"]["score"], &report["trend"]["score_before"]), (&json!(65), &json!(37)));
    assert_eq!(report["trend"]["score_change"], 28);
    assert_eq!(report["performance"]["parts"].as_array().expect("parts").len(), 4);

    let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
    assert_eq!(office.report(&admin, "calls?range=today").await["total"], 4);
}

#[tokio::test]
async fn an_agent_may_ask_for_themselves_and_a_manager_for_those_of_their_branch() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let agent = world.a_person(tenant, Role::Agent, tenant.branch).await;
    let elsewhere = world.a_person(tenant, Role::Agent, tenant.other_branch).await;
    let manager = world.a_person(tenant, Role::Manager, tenant.branch).await;
    let (_, stranger) = world.an_admin().await;
    for (by, of, expected) in [
        (&agent, agent.user, 200),
        (&agent, elsewhere.user, 404),
        (&manager, agent.user, 200),
        (&manager, elsewhere.user, 404),
        // Managers are no agents.
        (&manager, manager.user, 404),
        (&stranger, agent.user, 404),
    ] {
        Ask::get(format!("/analytics/agents/{of}/performance")).by(by).of(&office.router).await.expect(expected);
    }
    let path = format!("/analytics/agents/{}/performance?range=x&daily_target=0", agent.user);
    let refused = Ask::get(path).by(&agent).of(&office.router).await;
    let fields: Vec<_> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["daily_target", "range"]);
}

#[tokio::test]
async fn calls_are_told_by_length_and_by_the_organizations_hour() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
    for (seconds, outcome) in [(0, None), (59, Some("callback")), (60, Some("interested")), (600, Some("converted"))] {
        office.calls(&admin, a_call("completed", seconds, outcome)).await;
    }
    office.calls(&admin, a_call("no_answer", 0, None)).await;
    let report = office.report(&admin, "calls?range=today").await;
    let counts = |name: &str| -> Vec<(Value, Value)> {
        let lines = report[name].as_array().expect("lines").iter();
        lines.filter(|line| line["count"] != 0).map(|line| (line["name"].clone(), line["count"].clone())).collect()
    };
    let line = |name: &str, count: u64| (json!(name), json!(count));
    assert_eq!(counts("by_duration"), [line("0", 2), line("under_1m", 1), line("1m_to_3m", 1), line("over_10m", 1)]);
    assert_eq!(counts("by_status"), [line("completed", 4), line("no_answer", 1)]);
    // It is ten in the morning in UTC, and half past three in the afternoon in India.
    assert_eq!(report["time_zone"], "Asia/Kolkata");
    let hour = &report["by_hour"][15];
    assert_eq!(*hour, json!({"hour": 15, "total": 5, "connected": 4, "connect_rate": 80.0}));
    assert_eq!((&report["converted"], &report["conversion_rate"]), (&json!(1), &json!(25.0)));
    let some = office.report(&admin, "calls?range=today&outcome=none&status=all").await;
    assert_eq!((&some["total"], &some["connected"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_person_is_compared_with_all() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let agent = world.a_person(tenant, Role::Agent, tenant.branch).await;
    let other = world.a_person(tenant, Role::Agent, tenant.branch).await;
    for (owner, moved) in [(&agent, true), (&agent, false), (&other, false), (&other, false)] {
        let lead = office.arrives(tenant.branch, Some(owner.user), from("Fair")).await;
        if moved {
            office.moves(lead, "assessment").await;
        }
    }
    // Nobody's: of no person, and so of no comparison.
    office.arrive(3, tenant.branch, "Fair").await;
    let manager = world.a_person(tenant, Role::Manager, tenant.branch).await;
    let funnel = office.report(&manager, &format!("leads/funnel?range=today&agent_id={}", agent.user)).await;
    assert_eq!((&funnel["agent_id"], &funnel["stages"][0]["entered"]), (&json!(agent.user), &json!(2)));
    assert_eq!(funnel["comparison"]["team"]["stages"][0]["entered"], 4);
    assert_eq!(
        funnel["comparison"]["stages"][0],
        json!({"key": "assessment", "agent": 50.0, "team": 25.0, "difference": 25.0})
    );
    assert_eq!(office.report(&manager, "leads/funnel?range=today").await["stages"][0]["entered"], 7);
}

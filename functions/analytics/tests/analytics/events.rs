//! Events that frontends tell.

use domain::{Role, RowReach};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person};

use crate::support::{Office, from};

async fn tell(office: &Office, by: &Person, body: Value) -> Answer {
    Ask::post("/analytics/events", body).by(by).of(&office.router).await
}

async fn list(office: &Office, by: &Person, query: &str) -> Vec<Value> {
    let answer = Ask::get(format!("/analytics/events?{query}")).by(by).of(&office.router).await;
    answer.data(200)["events"].as_array().expect("a list").iter().map(|event| event["event_name"].clone()).collect()
}

#[tokio::test]
async fn an_event_is_told_as_the_admissions_product_writes_it() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
    let agent = world.a_person(tenant, Role::Agent, tenant.other_branch).await;
    let lead = office.arrives(tenant.other_branch, Some(agent.user), from("facebook")).await;
    let body = json!({
        "event_type": "lead_conversion", "event_name": "Lead Converted to Student",
        "description": "Lead successfully enrolled in fellowship program", "user_id": agent.user, "lead_id": lead.id,
        "student_id": "student-uuid", "event_data": {"source": "facebook", "campaign": "fellowship-2025"},
        "properties": {"conversion_value": 50000, "course": "cardiology"}, "session_id": "session-xxx",
        "ip_address": "192.168.1.1", "user_agent": "Mozilla/5.0...", "duration": 1200, "value": 50000,
        "category": "conversion", "source": "facebook", "medium": "paid_social", "campaign": "fellowship-launch",
    });
    let answer = tell(&office, &admin, body.clone()).await;
    let event = answer.data(201);
    for (field, value) in body.as_object().expect("fields").iter().filter(|(field, _)| *field != "value") {
        assert_eq!(event[field], *value, "{field}");
    }
    assert_eq!((event["value"].as_f64(), &event["currency"]), (Some(50_000.0), &json!("INR")));
    assert_eq!((&event["branch_id"], &event["user_id"]), (&json!(tenant.other_branch), &json!(agent.user)));
    let path = format!("/v1{}", answer.header("location").expect("a place"));
    assert_eq!(Ask::get(&path).by(&admin).of(&office.router).await.data(200), event);
    assert_eq!(
        tell(&office, &admin, json!({"id": event["id"], "event_type": "x"})).await.expect(409).json()["code"],
        "exists"
    );
    let (_, stranger) = world.an_admin().await;
    let manager = world.a_person(tenant, Role::Manager, tenant.branch).await;
    for person in [&stranger, &manager] {
        Ask::get(&path).by(person).of(&office.router).await.expect(404);
    }
}

#[tokio::test]
async fn every_wrong_field_of_an_event_is_told_at_once() {
    let office = Office::new().await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let body = json!({
        "id": "x", "event_type": "", "user_id": "me", "lead_id": 7, "event_data": [], "properties": {" a ": 1},
        "ip_address": "here", "duration": -1, "value": "much",
    });
    let refused = tell(&office, &admin, body.clone()).await;
    let fields: Vec<String> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    for field in body.as_object().expect("fields").keys().filter(|field| *field != "properties") {
        assert!(fields.contains(field), "{field} is not among {fields:?}");
    }
    assert!(fields.contains(&"properties. a ".to_owned()), "{fields:?}");
    let (stranger, _) = office.world.an_admin().await;
    let body = json!({"event_type": "x", "lead_id": domain::LeadId::at(office.world.platform.now(), [1; 10])});
    assert_eq!(tell(&office, &admin, body).await.expect(422).wrong()[0].1, "unknown_lead");
    let body = json!({"event_type": "x", "branch_id": stranger.branch});
    assert_eq!(tell(&office, &admin, body).await.expect(422).wrong()[0].1, "unknown_branch");
    let body = json!({"event_type": "x", "user_id": office.a_user()});
    assert_eq!(tell(&office, &admin, body).await.expect(422).wrong()[0].1, "unknown_user");
}

#[tokio::test]
async fn events_are_listed_by_whom_what_lead_and_day_the_newest_first() {
    let office = Office::new().await;
    let (world, tenant) = (&office.world, &office.tenant);
    let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
    let agent = world.a_person(tenant, Role::Agent, tenant.branch).await;
    let lead = office.arrives(tenant.branch, Some(agent.user), from("Fair")).await;
    for (by, body) in [
        (&agent, json!({"event_type": "page_view", "event_name": "1", "category": "web"})),
        (&admin, json!({"event_type": "page_view", "event_name": "2"})),
        (&agent, json!({"event_type": "lead_conversion", "event_name": "3", "lead_id": lead.id, "value": 12.5})),
    ] {
        tell(&office, by, body).await.expect(201);
        world.clock.advance(SignedDuration::from_secs(1));
    }
    office.days_later(1);
    let (admin, agent) = (office.renewed(&admin), office.renewed(&agent));
    tell(&office, &agent, json!({"event_type": "page_view", "event_name": "4"})).await.expect(201);
    for (query, expected) in [
        ("", vec!["4", "3", "2", "1"]),
        ("limit=50&offset=0&event_type=lead_conversion", vec!["3"]),
        ("event_type=page_view&category=all", vec!["4", "2", "1"]),
        ("category=web", vec!["1"]),
        (&format!("user_id={}&event_type=page_view", agent.user), vec!["4", "1"]),
        (&format!("lead_id={}", lead.id), vec!["3"]),
        (&format!("lead_id={}&user_id={}", lead.id, admin.user), vec![]),
        ("range=today", vec!["4"]),
        ("start_date=2026-11-20&end_date=2026-11-20", vec!["3", "2", "1"]),
        ("value[gte]=12", vec!["3"]),
    ] {
        assert_eq!(list(&office, &admin, query).await, expected, "{query}");
    }
    let refused = Ask::get("/analytics/events?user_id=x&range=y&colour=red").by(&admin).of(&office.router).await;
    let fields: Vec<String> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["user_id", "range", "colour"]);
    let first = Ask::get("/analytics/events?limit=3").by(&admin).of(&office.router).await.data(200);
    let cursor = first["pagination"]["next_cursor"].as_str().expect("a cursor").to_owned();
    assert_eq!(list(&office, &admin, &format!("limit=3&cursor={cursor}")).await, ["1"]);

    let own = world.a_person_reaching(tenant, Role::Manager, tenant.branch, Some(RowReach::Own)).await;
    assert_eq!(list(&office, &own, "").await, Vec::<Value>::new());
    tell(&office, &own, json!({"event_type": "page_view", "event_name": "5"})).await.expect(201);
    assert_eq!(list(&office, &own, "").await, ["5"]);
    Ask::get(format!("/analytics/events?user_id={}", agent.user)).by(&own).of(&office.router).await.expect(404);
    // Agents tell, and do not read.
    Ask::get("/analytics/events").by(&agent).of(&office.router).await.expect(403);
}

#[tokio::test]
async fn an_event_goes_by_itself_after_four_hundred_days() {
    let office = Office::new().await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    office.world.settle().await;
    let event = tell(&office, &admin, json!({"event_type": "page_view"})).await.data(201);
    let id = event["id"].as_str().expect("an id");
    let images = office.world.stream().await;
    let image = images.iter().find(|image| image["Keys"]["pk"]["S"].as_str().is_some_and(|pk| pk.ends_with(id)));
    let image = &image.expect("it was written")["NewImage"];
    let ends = office.world.platform.now().as_second() + domain::analytics_event::KEPT_DAYS * 86_400;
    assert_eq!(image["ttl"]["N"], ends.to_string());
    assert!(!image["d"]["S"].as_str().expect("a text").contains("page_view"), "what is told is sealed");
    let written = images.iter().filter(|image| image["Keys"]["pk"]["S"].as_str().is_some_and(|pk| pk.ends_with(id)));
    assert_eq!(written.count(), 1, "nothing is written beside it");
}

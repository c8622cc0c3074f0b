//! What happened is found, bounded, and one's own organization's.

use domain::webhook::KEPT;
use domain::{Permission, PersonalFields, Role, RowReach};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

fn types(page: &Value) -> Vec<&str> {
    page["events"].as_array().expect("events").iter().filter_map(|event| event["type"].as_str()).collect()
}

#[tokio::test]
async fn an_event_shows_each_field_before_and_after_and_is_found_by_its_id() {
    let house = House::new().await;
    let lead = house.a_lead("Asha Example").await;
    house.change_lead(&lead, json!({"city": "Pune"})).await;
    house.settle().await;
    let page = house.get("/events?type=lead.updated").await;
    assert_eq!(types(&page), ["lead.updated"]);
    let event = &page["events"][0];
    assert_eq!((&event["data"]["subject"], &event["data"]["version"]), (&json!(lead), &json!(2)));
    assert_eq!(event["data"]["actor"]["user_id"], json!(house.admin.user));
    let changes = event["data"]["changes"].as_array().expect("changes");
    assert!(changes.contains(&json!({"field": "city", "before": null, "after": "Pune"})));
    let one = house.get(&format!("/events/{}", event["data"]["id"].as_str().expect("an id"))).await;
    assert_eq!(&one, event);
    house.ask(Ask::get("/events/evt_00000000000000000000000000")).await.expect(404);
}

#[tokio::test]
async fn filters_leave_what_was_asked_for() {
    let house = House::new().await;
    let other = house.world.a_person(&house.tenant, Role::Admin, house.tenant.branch).await;
    let ours = house.a_lead("Asha Example").await;
    house.world.clock.advance(SignedDuration::from_mins(10));
    let middle = house.world.platform.now();
    let body = json!({"full_name": "Bela Example"});
    Ask::post("/leads", body).by(&other).of(&house.leads).await.expect(201);
    house.world.clock.advance(SignedDuration::from_mins(10));
    Ask::put(format!("/leads/{ours}"), json!({"city": "Pune"})).by(&other).of(&house.leads).await.expect(200);
    house.settle().await;
    let by = async |query: String| house.get(&format!("/events?{query}")).await;
    assert_eq!(types(&by("type=lead.*".into()).await), ["lead.updated", "lead.created", "lead.created"]);
    assert_eq!(types(&by("type=lead.*&sort_order=asc".into()).await), ["lead.created", "lead.created", "lead.updated"]);
    assert_eq!(types(&by("type=lead.created".into()).await).len(), 2);
    assert_eq!(types(&by(format!("type=lead.*&actor={}", other.user)).await), ["lead.updated", "lead.created"]);
    assert_eq!(types(&by(format!("since={middle}&type=lead.*")).await), ["lead.updated", "lead.created"]);
    assert_eq!(types(&by(format!("until={middle}&type=lead.*")).await), ["lead.created"]);
    assert_eq!(types(&by(format!("subject={ours}")).await), ["lead.updated", "lead.created"]);
    assert_eq!(types(&by(format!("subject={ours}&actor={}", house.admin.user)).await), ["lead.created"]);
    assert_eq!(types(&by(format!("subject={ours}&since={middle}")).await), ["lead.updated"]);
    assert!(types(&by("type=*".into()).await).len() > 3);
    let wrong = house
        .ask(Ask::get("/events?type=lead&subject=a%23b&actor=me&since=now&page=2&limit=0"))
        .await
        .expect(422)
        .wrong();
    for field in ["type", "subject", "actor", "since", "page", "limit"] {
        assert!(wrong.iter().any(|(wrong, _)| wrong == field), "{field}: {wrong:?}");
    }
    house.ask(Ask::get(format!("/events?subject={ours}&sort_order=asc"))).await.expect(422);
    house.ask(Ask::get("/events?since=2026-11-21T00:00:00Z&until=2026-11-20T00:00:00Z")).await.expect(422);
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_in_either_order_and_under_a_filter() {
    let house = House::new().await;
    for number in 0..7 {
        house.world.clock.advance(SignedDuration::from_secs(1));
        house.a_lead(&format!("Lead {number}")).await;
    }
    house.settle().await;
    for query in ["type=lead.created", "type=lead.created&sort_order=asc", "sort_order=desc", "sort_order=asc"] {
        let whole = house.get(&format!("/events?limit=200&{query}")).await;
        let ids = |page: &Value| -> Vec<Value> {
            page["events"].as_array().expect("events").iter().map(|event| event["data"]["id"].clone()).collect()
        };
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = house.get(&format!("/events?limit=2&{query}{cursor}")).await;
            all.extend(ids(&page));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(all, ids(&whole), "{query}");
        assert!(all.len() >= 7);
    }
    let page = house.get("/events?limit=2").await;
    let cursor = page["next_cursor"].as_str().expect("a cursor").to_owned();
    let refused = house.ask(Ask::get(format!("/events?limit=2&type=lead.*&cursor={cursor}"))).await;
    assert_eq!(refused.expect(422).wrong()[0], ("cursor".to_owned(), "bad_cursor".to_owned()));
}

#[tokio::test]
async fn a_page_costs_one_query_and_one_batch_however_much_there_is() {
    let house = House::new().await;
    for number in 0..60 {
        house.a_lead(&format!("Lead {number}")).await;
    }
    house.settle().await;
    house.get("/events?limit=50").await;
    let before = house.world.standins.dynamo.meter().totals().calls;
    let page = house.get("/events?limit=50").await;
    assert_eq!(types(&page).len(), 50);
    let calls = house.world.standins.dynamo.meter().totals().calls - before;
    assert!(calls <= 4, "{calls} calls, those that know the caller among them");
}

#[tokio::test]
async fn what_is_older_than_30_days_is_not_shown_though_it_lies_there() {
    let house = House::new().await;
    let lead = house.a_lead("Asha Example").await;
    house.settle().await;
    let id = house.get("/events?type=lead.created").await["events"][0]["data"]["id"].clone();
    house.world.clock.advance(KEPT + SignedDuration::from_secs(1));
    let admin = house.world.a_person(&house.tenant, Role::Admin, house.tenant.branch).await;
    for path in ["/events?type=lead.created".to_owned(), format!("/events?subject={lead}")] {
        let page = Ask::get(path).by(&admin).of(&house.router).await.data(200);
        assert_eq!((types(&page), &page["next_cursor"]), (Vec::new(), &Value::Null));
    }
    house.world.standins.dynamo.sweep_ttl().await.expect("what has expired goes");
    let path = format!("/events/{}", id.as_str().expect("an id"));
    Ask::get(path).by(&admin).of(&house.router).await.expect(404);
}

#[tokio::test]
async fn personal_fields_are_masked_as_their_reader_may_see_them() {
    let house = House::new().await;
    let lead = house.a_lead("Asha Example").await;
    house.change_lead(&lead, json!({"email": "asha@example.com"})).await;
    house.settle().await;
    assert!(house.get("/events?type=lead.updated").await.to_string().contains("asha@example.com"));
    let viewer = house.with_more(Role::Viewer, Some(RowReach::All), Permission::EventsRead).await;
    assert_eq!(Role::Viewer.clear(), PersonalFields::NONE);
    let page = Ask::get("/events?type=lead.updated").by(&viewer).of(&house.router).await.data(200).to_string();
    assert!(page.contains("a***@example.com") && !page.contains("asha@"), "{page}");
    let near = house.with_more(Role::Manager, None, Permission::EventsRead).await;
    let refused = Ask::get("/events").by(&near).of(&house.router).await;
    assert_eq!(refused.expect(403).json()["code"], "all_rows_required");
}

#[tokio::test]
async fn another_organizations_events_are_not_there() {
    let house = House::new().await;
    let lead = house.a_lead("Asha Example").await;
    house.settle().await;
    let id = house.get("/events?type=lead.created").await["events"][0]["data"]["id"].clone();
    let (_, stranger) = house.world.an_admin().await;
    house.settle().await;
    let get = async |path: &str| Ask::get(path).by(&stranger).of(&house.router).await;
    get(&format!("/events/{}", id.as_str().expect("an id"))).await.expect(404);
    assert!(types(&get(&format!("/events?subject={lead}")).await.data(200)).is_empty());
    assert!(types(&get("/events?type=lead.*").await.data(200)).is_empty());
}

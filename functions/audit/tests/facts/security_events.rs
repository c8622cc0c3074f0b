//! What happened around signing in is found.

use domain::{Role, SecurityKind, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

fn ids(page: &Value) -> Vec<&str> {
    page["security_events"].as_array().expect("a list").iter().filter_map(|event| event["id"].as_str()).collect()
}

#[tokio::test]
async fn filters_leave_what_was_asked_for() {
    let house = House::new().await;
    let user = house.admin.user;
    let other = UserId::at(house.world.platform.now(), [9; 10]);
    let mut made = Vec::new();
    for (kind, user) in [
        (SecurityKind::SignedIn, Some(user)),
        (SecurityKind::SignInFailed, Some(other)),
        (SecurityKind::SignInFailed, Some(user)),
        (SecurityKind::SignInFailed, None),
    ] {
        made.push(house.happened(kind, user, "192.0.2.1", None).await.to_string());
        house.world.clock.advance(SignedDuration::from_mins(1));
    }
    house.settle().await;
    let start = house.world.platform.now() - SignedDuration::from_mins(4);
    let at = |minutes| start + SignedDuration::from_mins(minutes);
    let of = |places: &[usize]| places.iter().map(|place| made[*place].clone()).collect::<Vec<_>>();
    for (query, places) in [
        (String::new(), &[3, 2, 1, 0][..]),
        ("sort_order=asc".into(), &[0, 1, 2, 3]),
        ("kind=sign_in_failed".into(), &[3, 2, 1]),
        (format!("user_id={user}"), &[2, 0]),
        (format!("user_id={user}&kind=sign_in_failed"), &[2]),
        (format!("from={}&to={}", at(1), at(3)), &[2, 1]),
        (format!("from={}&sort_order=asc", at(2)), &[2, 3]),
        (format!("to={}&kind=sign_in_failed", at(2)), &[1]),
        ("kind=locked_out".into(), &[]),
    ] {
        let page = house.get(&format!("/security-events?{query}")).await;
        assert_eq!(ids(&page), of(places), "{query}");
    }
    let wrong = house.ask(Ask::get("/security-events?kind=x&user_id=y&from=z&limit=999")).await;
    assert_eq!(wrong.expect(422).wrong().len(), 4);

    // Pages meet, within a range too.
    for range in ["", &format!("&from={}", at(1))] {
        let first = house.get(&format!("/security-events?limit=2{range}")).await;
        let cursor = first["pagination"]["next_cursor"].as_str().expect("a cursor");
        let rest = house.get(&format!("/security-events?limit=2{range}&cursor={cursor}")).await;
        let mut both = ids(&first);
        both.extend(ids(&rest));
        assert_eq!(both, of(if range.is_empty() { &[3, 2, 1, 0] } else { &[3, 2, 1] }));
        assert_eq!(rest["pagination"]["next_cursor"], Value::Null);
    }
}

#[tokio::test]
async fn one_is_shown_to_its_organization() {
    let house = House::new().await;
    let id = house.happened(SecurityKind::Exported, Some(house.admin.user), "192.0.2.1", Some(7)).await;
    let path = format!("/security-events/{id}");
    let seen = house.get(&path).await;
    assert_eq!((&seen["kind"], &seen["data"]), (&json!("exported"), &json!({"rows": 7})));
    assert_eq!((&seen["address"], &seen["user_id"]), (&json!("192.0.2.1"), &json!(house.admin.user)));
    let (_, stranger) = house.world.an_admin().await;
    Ask::get(&path).by(&stranger).of(&house.router).await.expect(404);
    let list = Ask::get("/security-events").by(&stranger).of(&house.router).await.data(200);
    assert!(ids(&list).is_empty());
    let agent = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    for path in [path.as_str(), "/security-events"] {
        Ask::get(path).by(&agent).of(&house.router).await.expect(403);
    }
}

#[tokio::test]
async fn a_file_of_leads_is_remembered_with_its_rows() {
    let house = House::new().await;
    house.a_lead("Asha Example").await;
    let ask = Ask::get("/leads/export").header("user-agent", "A browser");
    ask.by(&house.admin).of(&house.leads).await.expect(200);
    let page = house.get("/security-events?kind=exported").await;
    let event = &page["security_events"][0];
    assert_eq!(event["data"], json!({"what": "leads", "rows": 1, "format": "csv"}));
    assert_eq!((&event["user_agent"], &event["session_id"]), (&json!("A browser"), &json!(house.admin.session)));
}

//! What looks wrong is noted once, whatever order its events come in.

use domain::{Role, SecurityKind};
use events::StreamEvent;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

async fn noted(house: &House) -> Vec<Value> {
    let page = house.get("/suspicious-activities").await;
    page["suspicious_activities"].as_array().expect("a list").clone()
}

fn kinds(noted: &[Value]) -> Vec<(&str, u64)> {
    let mut kinds: Vec<(&str, u64)> = noted
        .iter()
        .map(|one| (one["kind"].as_str().expect("a kind"), one["count"].as_u64().expect("a count")))
        .collect();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn ten_failures_for_one_person_are_noted_once() {
    let house = House::new().await;
    for number in 0..9 {
        house.happened(SecurityKind::SignInFailed, Some(house.admin.user), &format!("192.0.2.{number}"), None).await;
    }
    house.settle().await;
    assert!(noted(&house).await.is_empty());
    house.happened(SecurityKind::SignInFailed, Some(house.admin.user), "192.0.2.9", None).await;
    let news = house.news().await;
    for _ in 0..3 {
        house.follow(&news).await;
    }
    let found = noted(&house).await;
    assert_eq!(kinds(&found), [("many_failures", 10)]);
    assert_eq!((&found[0]["user_id"], &found[0]["state"]), (&json!(house.admin.user), &json!("open")));
    assert_eq!(found[0]["evidence"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn an_address_that_tries_many_people_is_noted() {
    let house = House::new().await;
    for number in 0..10 {
        let user = domain::UserId::at(house.world.platform.now(), [number; 10]);
        house.happened(SecurityKind::SignInFailed, Some(user), "192.0.2.1", None).await;
        house.happened(SecurityKind::SignInFailed, None, "192.0.2.2", None).await;
        house.happened(SecurityKind::SignedIn, Some(user), "192.0.2.3", None).await;
    }
    house.settle().await;
    let found = noted(&house).await;
    let mut addresses: Vec<&Value> = found.iter().map(|one| &one["address"]).collect();
    addresses.sort_by_key(ToString::to_string);
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.2"]);
}

#[tokio::test]
async fn the_order_of_events_does_not_matter() {
    for reversed in [false, true] {
        let house = House::new().await;
        house.settle().await;
        // Over the turn of an hour, so that what comes late belongs to the hour before.
        house.world.clock.advance(SignedDuration::from_mins(55));
        for _ in 0..10 {
            house.happened(SecurityKind::SignInFailed, Some(house.admin.user), "192.0.2.1", None).await;
            house.world.clock.advance(SignedDuration::from_mins(1));
        }
        let mut records = house.news().await.records;
        if reversed {
            records.reverse();
        }
        for record in records {
            house.follow(&StreamEvent { records: vec![record] }).await;
        }
        house.settle().await;
        assert_eq!(
            house
                .items("record")
                .await
                .iter()
                .filter(|item| {
                    item.get("kind").is_some_and(|kind| kind.as_s().is_ok_and(|kind| kind == "suspicious_activity"))
                })
                .count(),
            2,
            "for the person and for the address"
        );
    }
}

#[tokio::test]
async fn every_kind_is_noted() {
    let house = House::new().await;
    let user = Some(house.admin.user);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        house.happened(SecurityKind::SignedIn, user, address, None).await;
    }
    house.happened(SecurityKind::RefreshReused, user, "192.0.2.1", None).await;
    house.happened(SecurityKind::Exported, user, "192.0.2.1", Some(10_001)).await;
    house.happened(SecurityKind::PasswordChanged, user, "192.0.2.1", None).await;
    house.settle().await;
    let found = noted(&house).await;
    assert_eq!(kinds(&found), [("impossible_pace", 4), ("mass_export", 1), ("refresh_reused", 1)]);
    let page = house.get("/suspicious-activities?kind=mass_export").await;
    assert_eq!(page["suspicious_activities"].as_array().map(Vec::len), Some(1));
    let (_, stranger) = house.world.an_admin().await;
    let path = format!("/suspicious-activities/{}", found[0]["id"].as_str().expect("an id"));
    for ask in [Ask::get(&path), Ask::post(format!("{path}/acknowledge"), json!({}))] {
        ask.by(&stranger).of(&house.router).await.expect(404);
    }
    let agent = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    Ask::get(&path).by(&agent).of(&house.router).await.expect(403);
}

#[tokio::test]
async fn whoever_looks_says_so_once() {
    let house = House::new().await;
    house.happened(SecurityKind::RefreshReused, Some(house.admin.user), "192.0.2.1", None).await;
    house.settle().await;
    let found = noted(&house).await;
    let path = format!("/suspicious-activities/{}", found[0]["id"].as_str().expect("an id"));
    let acknowledge = |body: Value| house.ask(Ask::post(format!("{path}/acknowledge"), body));
    acknowledge(json!({"note": 7})).await.expect(422);
    let (one, other) = tokio::join!(acknowledge(json!({"note": "It was me."})), acknowledge(json!({"note": "Seen."})));
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(statuses.contains(&200) && statuses.contains(&409), "{statuses:?}");
    let seen = house.get(&path).await;
    assert_eq!((&seen["state"], &seen["acknowledged_by"]), (&json!("acknowledged"), &json!(house.admin.user)));
    let open = house.get("/suspicious-activities?state=open").await;
    assert_eq!(open["suspicious_activities"], json!([]));
    // What goes on in that hour is seen already.
    house.happened(SecurityKind::RefreshReused, Some(house.admin.user), "192.0.2.1", None).await;
    house.settle().await;
    assert_eq!(house.get(&path).await["count"], 1);
}

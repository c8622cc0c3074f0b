//! The ledger: entries are never changed, the last word counts, and all that is told is masked as it should be.

use domain::outreach::{ConsentState, SuppressionReason};
use domain::{Role, RowReach};
use serde_json::json;
use testkit::Ask;

use crate::support::House;

#[tokio::test]
async fn the_last_word_counts_and_every_word_stays() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", Some(house.agent.user)).await;
    let path = format!("/leads/{}/consents", lead.id);
    let nothing = house.get(&path).await.data(200);
    let all = nothing["consents"].as_array().expect("a list");
    assert_eq!(all.len(), 12, "four channels, three purposes");
    assert!(all.iter().all(|one| one["state"].is_null()), "{nothing}");

    for state in ["granted", "withdrawn"] {
        house.world.clock.advance(jiff::SignedDuration::from_secs(1));
        house.say("asha@example.com", state).await;
    }
    let now = house.get(&path).await.data(200);
    assert_eq!(
        (&now["consents"][0]["purpose"], &now["consents"][0]["state"]),
        (&json!("marketing"), &json!("withdrawn"))
    );
    assert_eq!(house.reach("Asha@Example.com").await.facts.suppression, Some(SuppressionReason::Unsubscribe));
    house.world.clock.advance(jiff::SignedDuration::from_secs(1));
    house.say("asha@example.com", "granted").await;
    let facts = house.reach("asha@example.com").await.facts;
    assert_eq!((facts.consent, facts.suppression), (Some(ConsentState::Granted), None));

    let told = house.get(&format!("/consents?lead_id={}", lead.id)).await.data(200);
    let states: Vec<_> = told["consents"].as_array().expect("a list").iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["granted", "withdrawn", "granted"]);
    assert_eq!(told["consents"][0]["recorded_by"], house.admin.user.to_string());
    assert_eq!(house.get("/consents?contact=ASHA@example.com").await.data(200)["pagination"]["total_records"], 3);
}

#[tokio::test]
async fn a_word_that_was_said_earlier_and_entered_later_changes_nothing() {
    let house = House::new().await;
    house.say("asha@example.com", "withdrawn").await;
    let body = json!({
        "contact": "asha@example.com", "channel": "email", "purpose": "marketing", "state": "granted",
        "source": "paper", "at": "2026-01-31T10:00:00Z",
    });
    house.post("/consents", body).await.expect(201);
    let facts = house.reach("asha@example.com").await.facts;
    assert_eq!(facts.consent, Some(ConsentState::Withdrawn));
    assert_eq!(facts.suppression, Some(SuppressionReason::Unsubscribe));
    assert_eq!(house.ledger().await.len(), 2);
}

#[tokio::test]
async fn words_at_the_same_time_are_all_kept_and_one_of_them_counts() {
    let house = House::new().await;
    let said =
        (0..12).map(|number| house.say("asha@example.com", if number % 2 == 0 { "granted" } else { "withdrawn" }));
    futures::future::join_all(said).await;
    let ledger = house.ledger().await;
    assert_eq!(ledger.len(), 12);
    let last = ledger.iter().max_by_key(|entry| (entry.at, entry.id)).expect("an entry");
    let facts = house.reach("asha@example.com").await.facts;
    assert_eq!(facts.consent, Some(last.state));
    assert_eq!(facts.suppression.is_some(), last.state == ConsentState::Withdrawn, "both move together");
}

#[tokio::test]
async fn whoever_does_not_reach_a_lead_learns_nothing_of_its_words() {
    let house = House::new().await;
    let (mine, other) = (house.a_lead("Asha", Some(house.agent.user)).await, house.agent.clone());
    house.say("asha@example.com", "granted").await;
    let elsewhere = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    for path in ["/consents", "/consents?contact=asha@example.com"] {
        let told = |person| Ask::get(path).by(person).of(&house.router);
        assert_eq!(told(&other).await.data(200)["consents"].as_array().map(Vec::len), Some(1), "{path}");
        assert_eq!(told(&elsewhere).await.data(200)["consents"].as_array().map(Vec::len), Some(0), "{path}");
    }
    for path in [format!("/consents?lead_id={}", mine.id), format!("/leads/{}/consents", mine.id)] {
        Ask::get(path).by(&elsewhere).of(&house.router).await.expect(404);
    }
    let looks =
        house.world.a_person_reaching(&house.tenant, Role::Viewer, house.tenant.branch, Some(RowReach::All)).await;
    let seen = Ask::get("/consents").by(&looks).of(&house.router).await.data(200);
    assert_eq!(seen["consents"][0]["contact"], "a***@example.com");
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let house = House::new().await;
    let wrong = |body| async { house.post("/consents", body).await.expect(422).wrong() };
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    };
    let empty = wrong(json!({})).await;
    for field in ["channel", "purpose", "state", "source", "lead_id"] {
        assert!(empty.contains(&(field.to_owned(), "required".to_owned())), "{field}: {empty:?}");
    }
    let body = json!({
        "contact": "asha@example.com", "channel": "sms", "purpose": "marketing", "state": "granted", "source": "form",
        "at": "2099-01-01T00:00:00Z",
    });
    assert_eq!(wrong(body).await, named(&[("channel", "needs_phone"), ("at", "in_the_future")]));
    let body = json!({
        "lead_id": "lead_01kaf0v3hteb9s1z6vqk4m2x8y", "channel": "sms", "purpose": "spam", "state": "yes", "source": "form",
    });
    let told = wrong(body).await;
    assert_eq!(told, named(&[("purpose", "unknown_purpose"), ("state", "unknown_consent_state")]));
}

#[tokio::test]
async fn a_number_on_the_national_list_is_known_as_such() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    let put = |body| Ask::put("/consents/do-not-disturb", body).by(&house.admin).of(&house.router);
    put(json!({"lead_id": lead.id, "listed": true})).await.expect(200);
    let now = house.get(&format!("/leads/{}/consents", lead.id)).await.data(200);
    assert_eq!(now["do_not_disturb"]["listed"], true);
    assert_eq!(put(json!({"contact": "98765 43210", "listed": false})).await.data(200)["listed"], false);
    put(json!({"contact": "asha@example.com", "listed": true})).await.expect(422);
}

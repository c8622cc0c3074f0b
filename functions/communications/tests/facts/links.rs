//! Links by which people object: looking changes nothing, a `POST` acts, and only what we signed is a link.

use domain::outreach::{ConsentState, SuppressionReason};
use testkit::{Answer, Ask};

use crate::support::House;

async fn one_click(house: &House, token: &str) -> Answer {
    let body = "List-Unsubscribe=One-Click";
    let ask = Ask::new("POST", format!("/public/unsubscribe/{token}")).body("application/x-www-form-urlencoded", body);
    ask.of(&house.public).await
}

#[tokio::test]
async fn looking_changes_nothing_and_one_click_acts() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    let token = house.link("asha@example.com", Some(lead.id));
    for path in [format!("/public/unsubscribe/{token}"), format!("/public/preferences/{token}")] {
        for method in ["GET", "HEAD"] {
            let page = Ask::new(method, &path).of(&house.public).await;
            page.expect(200);
            assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
        }
    }
    assert!(house.ledger().await.is_empty());
    assert_eq!(house.reach("asha@example.com").await.facts.suppression, None);

    for _ in 0..2 {
        one_click(&house, &token).await.expect(200);
        house.world.clock.advance(jiff::SignedDuration::from_secs(1));
    }
    let facts = house.reach("asha@example.com").await.facts;
    assert_eq!(facts.consent, Some(ConsentState::Withdrawn));
    assert_eq!(facts.suppression, Some(SuppressionReason::Unsubscribe));
    let ledger = house.ledger().await;
    assert_eq!((ledger[0].lead, ledger[0].recorded_by), (Some(lead.id), None));
    assert_eq!(ledger[0].source.as_str(), "unsubscribe_link");
    let told = house.get("/suppressions?contact=asha@example.com").await.data(200);
    assert_eq!(told["suppressions"][0]["contact"], "asha@example.com");
}

#[tokio::test]
async fn whose_lead_is_gone_can_object_all_the_same() {
    let house = House::new().await;
    let token = house.link("gone@example.com", None);
    one_click(&house, &token).await.expect(200);
    assert_eq!(house.reach("gone@example.com").await.facts.consent, Some(ConsentState::Withdrawn));
    let told = house.get("/suppressions").await.data(200);
    assert_eq!(told["suppressions"][0]["contact"], serde_json::Value::Null);
}

#[tokio::test]
async fn what_we_did_not_sign_is_no_link() {
    let (house, other) = (House::new().await, House::new().await);
    let token = house.link("asha@example.com", None);
    let mut forged = vec![String::from("x"), format!("{token}A"), token[..token.len() - 1].to_owned()];
    for place in [1, 22, 44, 66, token.len() - 1] {
        let letter = if token[place..].starts_with('A') { "B" } else { "A" };
        forged.push(format!("{}{letter}{}", &token[..place], &token[place + 1..]));
    }
    // Signed by us, for an organization that is not here.
    forged.push(other.link("asha@example.com", None).replace(&token, ""));
    for token in forged {
        one_click(&house, &token).await.expect(404);
        Ask::get(format!("/public/unsubscribe/{token}")).of(&house.public).await.expect(404);
    }
    assert!(house.ledger().await.is_empty());
}

#[tokio::test]
async fn a_link_of_one_organization_says_nothing_to_another() {
    let house = House::new().await;
    let theirs = house.world.a_tenant("Another Ltd").await;
    let token = house.link("asha@example.com", None);
    one_click(&house, &token).await.expect(200);
    let key = house.world.platform.table().hash_key();
    let address = "asha@example.com".parse().expect("an address");
    let (ours, other) =
        (key.reachability_id(house.tenant.organization, &address), key.reachability_id(theirs.organization, &address));
    assert_ne!(ours, other, "the same person is another to each organization");
    let grant = domain::Caller::system(theirs.organization, "test").own();
    let known = house.world.platform.table().get::<domain::Reachability>(&grant, ours).await;
    assert!(known.is_err());
}

#[tokio::test]
async fn people_choose_what_they_get() {
    let house = House::new().await;
    let token = house.link("asha@example.com", None);
    one_click(&house, &token).await.expect(200);
    let path = format!("/public/preferences/{token}");
    let page = String::from_utf8(Ask::get(&path).of(&house.public).await.bytes).expect("text");
    assert!(page.contains("name=\"marketing\">") && page.contains("name=\"service\" checked>"), "{page}");
    house.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let choose = Ask::new("POST", &path).body("application/x-www-form-urlencoded", "marketing=on");
    let page = String::from_utf8(choose.of(&house.public).await.bytes).expect("text");
    assert!(page.contains("name=\"marketing\" checked>") && page.contains("name=\"service\">"), "{page}");
    let facts = house.reach("asha@example.com").await.facts;
    assert_eq!((facts.consent, facts.suppression), (Some(ConsentState::Granted), None));
}

#[tokio::test]
async fn who_chooses_marketing_again_stays_suppressed_for_what_is_not_theirs_to_say() {
    let house = House::new().await;
    let bounced = serde_json::json!({"contact": "asha@example.com", "reason": "bounce"});
    house.post("/suppressions", bounced).await.expect(201);
    house.say("asha@example.com", "granted").await;
    assert_eq!(house.reach("asha@example.com").await.facts.suppression, Some(SuppressionReason::Bounce));
}

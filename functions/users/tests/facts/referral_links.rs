//! Referral links.

use domain::{ReferralLink, Role};
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::support::{House, text};

async fn a_link(house: &House, person: &Person) -> Value {
    house.by(person, Ask::post("/referral-links", json!({"label": "Friends"}))).await.data(201)
}

fn path(link: &Value) -> String {
    format!("/referral-links/{}", text(&link["id"]))
}

#[tokio::test]
async fn people_manage_links_of_their_own() {
    let house = House::new().await;
    let (agent, other) = (house.somebody(Role::Agent).await, house.somebody(Role::Agent).await);
    let link = a_link(&house, &agent).await;
    assert_eq!((&link["user_id"], &link["clicks"], &link["leads"]), (&json!(agent.user), &json!(0), &json!(0)));
    assert_eq!(text(&link["code"]).len(), 8);
    let changed = house.by(&agent, Ask::put(path(&link), json!({"label": "Family", "code": "mine"}))).await;
    assert_eq!((&changed.data(200)["label"], &changed.json()["data"]["code"]), (&json!("Family"), &link["code"]));
    for ask in [Ask::get(path(&link)), Ask::put(path(&link), json!({"label": "Mine"})), Ask::delete(path(&link))] {
        house.by(&other, ask).await.expect(404);
    }
    let list = |answer: Value| answer["referral_links"].as_array().map(Vec::len);
    assert_eq!(list(house.by(&other, Ask::get("/referral-links")).await.data(200)), Some(0));
    assert_eq!(list(house.get("/referral-links").await.data(200)), Some(1));
    house.by(&agent, Ask::delete(path(&link))).await.expect(200);
    house.get(&path(&link)).await.expect(404);
    let restored = house.by(&agent, Ask::post(format!("{}/restore", path(&link)), json!({}))).await.data(200);
    assert_eq!(restored["code"], link["code"]);
}

#[tokio::test]
async fn a_link_is_made_for_somebody_in_reach() {
    let house = House::new().await;
    let (agent, manager) = (house.somebody(Role::Agent).await, house.somebody(Role::Manager).await);
    let elsewhere = house.world.a_person(&house.tenant, Role::Agent, house.tenant.other_branch).await;
    let (_, stranger) = house.world.an_admin().await;
    let body = |person: &Person| json!({"label": "Friends", "user_id": person.user});
    let made = house.by(&manager, Ask::post("/referral-links", body(&agent))).await.data(201);
    assert_eq!(made["user_id"], json!(agent.user));
    for (by, whose) in [(&manager, &elsewhere), (&agent, &manager), (&house.admin, &stranger)] {
        let refused = house.by(by, Ask::post("/referral-links", body(whose))).await;
        assert_eq!(refused.expect(422).wrong(), [("user_id".into(), "unknown_user".into())]);
    }
    let form = json!({"label": "Friends", "form_id": "form_01kaf0v3hteb9s1z6vqk4m2x8y"});
    assert_eq!(
        house.post("/referral-links", form).await.expect(422).wrong(),
        [("form_id".into(), "unknown_form".into())]
    );
}

#[tokio::test]
async fn a_link_tells_how_often_it_was_followed() {
    let house = House::new().await;
    let link = a_link(&house, &house.admin).await;
    let id = text(&link["id"]).parse().expect("an id");
    for _ in 0..3 {
        let table = house.world.platform.table();
        table.next_number(&house.grant(), &ReferralLink::clicks(id)).await.expect("a number");
    }
    assert_eq!(house.get(&path(&link)).await.data(200)["clicks"], 3);
}

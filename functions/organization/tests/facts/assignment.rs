//! Who gets new leads.

use domain::Role;
use serde_json::json;
use testkit::Ask;

use crate::support::House;

const PATH: &str = "/organization/assignment";

#[tokio::test]
async fn those_who_stay_keep_what_is_not_said_anew() {
    let house = House::new().await;
    let (one, two) = (house.somebody(Role::Agent).await.user, house.somebody(Role::Agent).await.user);
    assert_eq!(house.get(PATH).await.data(200), json!({"members": []}));
    let body = json!({"members": [
        {"user": one, "weight": 3, "capacity": 10, "branches": [house.tenant.branch]},
        {"user": two, "presence": "away"},
    ]});
    let first = house.put(PATH, body).await.data(200);
    assert_eq!(first["members"][0]["weight"], 3);
    assert_eq!(
        first["members"][1],
        json!({
            "user": two, "weight": 1, "capacity": null, "presence": "away", "branches": [], "assigned": 0,
        })
    );
    let second = house.put(PATH, json!({"members": [{"user": one, "capacity": null}]})).await.data(200);
    assert_eq!(
        second,
        json!({"members": [{
            "user": one, "weight": 3, "capacity": null, "presence": "available",
            "branches": [house.tenant.branch], "assigned": 0,
        }]})
    );
    assert_eq!(house.get(PATH).await.data(200), second);
}

#[tokio::test]
async fn only_members_of_the_organization_take_its_leads() {
    let house = House::new().await;
    let (_, stranger) = house.world.an_admin().await;
    let body = json!({"members": [{"user": house.admin.user}, {"user": stranger.user}]});
    let answer = house.put(PATH, body).await;
    answer.expect(422);
    assert_eq!(answer.wrong(), [("members.1.user".into(), "not_a_member".into())]);
}

#[tokio::test]
async fn every_wrong_member_is_named() {
    let house = House::new().await;
    let user = house.admin.user;
    let body =
        json!({"members": [{"user": user, "weight": 0}, {"user": user}, {"weight": "much", "presence": "asleep"}]});
    let answer = house.put(PATH, body).await;
    answer.expect(422);
    let wrong: Vec<String> = answer.wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["members.2.user", "members.2.weight", "members.2.presence"]);

    let answer = house.put(PATH, json!({"members": [{"user": user, "weight": 0}, {"user": user}]})).await;
    answer.expect(422);
    let told = [("members.0.weight", "out_of_range"), ("members.1.user", "duplicate")];
    assert_eq!(answer.wrong(), told.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_manager_sees_the_pool_and_leaves_it() {
    let house = House::new().await;
    let manager = house.somebody(Role::Manager).await;
    Ask::get(PATH).by(&manager).of(&house.router).await.expect(200);
    Ask::put(PATH, json!({"members": []})).by(&manager).of(&house.router).await.expect(403);
}

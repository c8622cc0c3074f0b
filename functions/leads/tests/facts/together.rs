use domain::Role;
use serde_json::json;
use testkit::Ask;

use crate::{Ground, id, named, names};

#[tokio::test]
async fn one_change_goes_to_many_and_tells_what_could_not_be_done() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let (one, two) = (ground.a_lead(named("One Example")).await, ground.a_lead(named("Two Example")).await);
    let lost = json!({"status": "lost", "reason": "test"});
    Ask::post(format!("/leads/{}/status", id(&two)), lost).by(&ground.admin).of(&ground.router).await.expect(200);
    let bulk = |body| Ask::post("/leads/bulk", body).by(&ground.admin);
    let ids = json!([one["id"], two["id"]]);
    let given =
        bulk(json!({"ids": ids, "action": "assign", "assigned_to": agent.user})).of(&ground.router).await.data(200);
    assert_eq!((&given["changed"], &given["failed"]), (&json!(2), &json!(0)));
    let moved =
        bulk(json!({"ids": ids, "action": "status", "status": "assessment"})).of(&ground.router).await.data(200);
    assert_eq!((&moved["changed"], &moved["failed"]), (&json!(1), &json!(1)));
    let tagged =
        bulk(json!({"filter": {"status": "assessment"}, "action": "tag", "tags": ["Hot"]})).of(&ground.router).await;
    assert_eq!(tagged.data(200)["changed"], 1);
    assert_eq!(names(&ground.get("/leads?tags=hot").await), ["One Example"]);
    bulk(json!({"ids": ids, "action": "delete"})).of(&ground.router).await.expect(200);
    assert!(names(&ground.get("/leads").await).is_empty());
}

#[tokio::test]
async fn a_bulk_change_reaches_no_further_than_its_caller() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    let (_, stranger) = ground.world.an_admin().await;
    let body = json!({"ids": [lead["id"]], "action": "delete"});
    let answer = Ask::post("/leads/bulk", body).by(&stranger).of(&ground.router).await.data(200);
    assert_eq!(answer["results"][0]["code"], "not_found");
    ground.get(&format!("/leads/{}", id(&lead))).await;
}

#[tokio::test]
async fn a_bulk_change_names_everything_that_is_wrong_with_it() {
    let ground = Ground::new().await;
    let bulk = |body| Ask::post("/leads/bulk", body).by(&ground.admin);
    let both = bulk(json!({"ids": [], "filter": {}, "action": "fly"})).of(&ground.router).await;
    assert_eq!(both.expect(422).wrong().len(), 2);
    let wrong = bulk(json!({"filter": {"colour": "red"}, "action": "delete"})).of(&ground.router).await;
    assert_eq!(wrong.expect(422).wrong()[0].0, "filter.colour");
}

//! Public lead forms.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

fn body(house: &House) -> Value {
    json!({"name": "Website", "source": "website", "branch_id": house.tenant.branch})
}

fn path(form: &Value) -> String {
    format!("/forms/{}", form["id"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_form_is_made_changed_deleted_and_brought_back() {
    let house = House::new().await;
    let form = house.post("/forms", body(&house)).await.data(201);
    assert_eq!((&form["is_active"], &form["referrer"]), (&json!(true), &Value::Null));
    assert_eq!(house.get(&path(&form)).await.data(200), form);

    let change = json!({"is_active": false, "referrer": house.admin.user});
    let after = house.put(&path(&form), change).await.data(200);
    assert_eq!((&after["is_active"], &after["referrer"]), (&json!(false), &json!(house.admin.user)));
    assert_eq!(after["source"], "website");
    let cleared = house.put(&path(&form), json!({"referrer": null})).await.data(200);
    assert_eq!(cleared["referrer"], Value::Null);

    house.delete(&path(&form)).await.expect(200);
    house.get(&path(&form)).await.expect(404);
    house.post(&format!("{}/restore", path(&form)), json!({})).await.expect(200);
    assert_eq!(house.get("/forms").await.data(200)["forms"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_form_leads_to_a_branch_and_a_person_of_the_organization() {
    let house = House::new().await;
    let (other, stranger) = house.world.an_admin().await;
    let strange = json!({"name": "n", "source": "s", "branch_id": other.branch, "referrer": stranger.user});
    let answer = house.post("/forms", strange.clone()).await;
    answer.expect(422);
    let expected = [("branch_id", "unknown_branch"), ("referrer", "not_a_member")];
    assert_eq!(answer.wrong(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));

    let form = house.post("/forms", body(&house)).await.data(201);
    house.put(&path(&form), strange).await.expect(422);
    Ask::get(path(&form)).by(&stranger).of(&house.router).await.expect(404);
    Ask::put(path(&form), json!({"name": "Mine"})).by(&stranger).of(&house.router).await.expect(404);
}

#[tokio::test]
async fn a_distributor_has_forms_of_their_own_and_no_others() {
    let house = House::new().await;
    let mfd = house.somebody(Role::Mfd).await;
    let others = house.post("/forms", body(&house)).await.data(201);
    let own = Ask::post("/forms", body(&house)).by(&mfd).of(&house.router).await.data(201);
    assert_eq!(own["referrer"], json!(mfd.user));
    let list = Ask::get("/forms").by(&mfd).of(&house.router).await.data(200);
    assert_eq!(list["forms"], json!([own]));
    Ask::get(path(&others)).by(&mfd).of(&house.router).await.expect(404);
    Ask::delete(path(&others)).by(&mfd).of(&house.router).await.expect(404);

    for change in [json!({"referrer": house.admin.user}), json!({"referrer": null})] {
        let answer = Ask::put(path(&own), change).by(&mfd).of(&house.router).await;
        assert_eq!(answer.expect(422).wrong(), [("referrer".into(), "not_yourself".into())]);
    }
    let elsewhere = json!({"name": "n", "source": "s", "branch_id": house.tenant.other_branch});
    let answer = Ask::post("/forms", elsewhere).by(&mfd).of(&house.router).await;
    assert_eq!(answer.expect(422).wrong(), [("branch_id".into(), "unknown_branch".into())]);
}

#[tokio::test]
async fn the_same_request_again_makes_one_form() {
    let house = House::new().await;
    let ask = || Ask::post("/forms", body(&house)).header("idempotency-key", "form-1");
    let first = house.ask(ask()).await;
    let second = house.ask(ask()).await;
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        (second.expect(201).bytes.clone(), second.header("location")),
        (first.bytes.clone(), first.header("location"))
    );
    assert_eq!(house.get("/forms").await.data(200)["forms"].as_array().map(Vec::len), Some(1));
}

//! An organization comes into being with its owner, or not at all.

use serde_json::json;
use testkit::Ask;

use crate::support::{EMAIL, House, registration};

#[tokio::test]
async fn a_registration_signs_the_owner_in() {
    let (house, data) = House::registered().await;
    assert_eq!(data["expires_in"], 3_600);
    assert_eq!(data["user"]["email"], EMAIL);
    assert_eq!(data["user"]["role"], "admin");
    assert_eq!(data["organization"]["name"], "Example Ltd");

    let me = house.me(&data["access_token"]).await.data(200);
    assert_eq!(me["organization"], data["organization"]);
    assert_eq!(me["reach"], "all");
    assert_eq!(me["branches"][0]["name"], "Head office");
    assert!(me["grants"].as_array().is_some_and(|grants| grants.contains(&json!("users:write"))), "{me}");
    assert!(me["modules"].as_array().is_some_and(|modules| modules.contains(&json!("settings"))), "{me}");
}

#[tokio::test]
async fn one_address_has_one_account_however_it_is_spelt() {
    let (house, _) = House::registered().await;
    let answer = house.register("AN_OWNER@Example.com").await;
    answer.expect(409);
    assert_eq!(answer.json()["code"], "taken");
    assert_eq!(answer.wrong(), [("email".into(), "taken".into())]);
}

#[tokio::test]
async fn of_a_refused_registration_nothing_remains() {
    let (house, _) = House::registered().await;
    let before = house.world.stream().await.len();
    assert!(before > 0);
    house.register(EMAIL).await.expect(409);
    let written = house.world.stream().await;
    let records = written.iter().filter(|change| change["Keys"]["sk"]["S"] == "record").count();
    assert_eq!(records, 0, "{written:#?}");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let body = json!({"first_name": 7, "email": "nobody", "password": "short", "zone": "Mars/Olympus", "surname": "x"});
    let answer = Ask::post("/auth/register", body).of(&house.router).await;
    answer.expect(422);
    let mut wrong = answer.wrong();
    wrong.sort();
    let expected = [
        ("email", "not_an_email_address"),
        ("first_name", "not_text"),
        ("organization_name", "required"),
        ("password", "too_short"),
        ("zone", "unknown_zone"),
    ];
    assert_eq!(wrong, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn unknown_fields_are_warned_about_and_refused_where_that_is_asked_for() {
    let house = House::new().await;
    let mut body = registration(EMAIL);
    body["organisation"] = "misspelt".into();
    let strict = Ask::post("/auth/register", body.clone()).header("prefer", "handling=strict").of(&house.router).await;
    strict.expect(422);
    assert_eq!(strict.wrong(), [("organisation".into(), "unknown_field".into())]);

    let answer = Ask::post("/auth/register", body).of(&house.router).await;
    answer.expect(201);
    assert_eq!(answer.json()["warnings"], json!([{"field": "organisation", "code": "unknown_field"}]));
}

#[tokio::test]
async fn tokens_are_not_kept_for_a_second_request_with_the_same_key() {
    let house = House::new().await;
    let ask = || Ask::post("/auth/register", registration(EMAIL)).header("idempotency-key", "one");
    ask().of(&house.router).await.expect(201);
    let again = ask().of(&house.router).await;
    assert_eq!(again.header("idempotency-replayed"), None);
    again.expect(409);
}

#[tokio::test]
async fn the_password_is_kept_only_as_an_argon2id_hash() {
    let (house, _) = House::registered().await;
    let written = serde_json::to_string(&house.world.stream().await).unwrap_or_default();
    assert!(written.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!written.contains(crate::support::PASSWORD));
}

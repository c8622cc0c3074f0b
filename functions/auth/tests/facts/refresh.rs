//! Refresh tokens are good once.

use domain::{Caller, Change, Membership, Role, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::House;

#[tokio::test]
async fn a_refresh_token_buys_the_next_pair() {
    let (house, first) = House::registered().await;
    house.world.clock.advance(SignedDuration::from_mins(59));
    let second = house.refresh(&first["refresh_token"]).await.data(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["user"], first["user"]);
    house.world.clock.advance(SignedDuration::from_mins(2));
    house.me(&first["access_token"]).await.expect(401);
    house.me(&second["access_token"]).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_used_again_later_ends_the_family() {
    let (house, first) = House::registered().await;
    let second = house.refresh(&first["refresh_token"]).await.data(200);
    house.world.clock.advance(SignedDuration::from_secs(10));
    let reused = house.refresh(&first["refresh_token"]).await;
    reused.expect(401);
    assert_eq!(reused.json()["code"], "invalid_refresh_token");
    house.refresh(&second["refresh_token"]).await.expect(401);
    house.me(&second["access_token"]).await.expect(401);
}

#[tokio::test]
async fn a_retry_within_ten_seconds_gets_the_same_token_and_the_sign_in_goes_on() {
    let (house, first) = House::registered().await;
    let second = house.refresh(&first["refresh_token"]).await.data(200);
    house.world.clock.advance(SignedDuration::from_secs(9));
    let again = house.refresh(&first["refresh_token"]).await.data(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    house.refresh(&second["refresh_token"]).await.expect(200);
}

#[tokio::test]
async fn two_refreshes_at_once_get_the_same_token() {
    let (house, first) = House::registered().await;
    let (one, other) = futures::join!(house.refresh(&first["refresh_token"]), house.refresh(&first["refresh_token"]));
    let (one, other) = (one.data(200), other.data(200));
    assert_eq!(one["refresh_token"], other["refresh_token"]);
    house.refresh(&one["refresh_token"]).await.expect(200);
}

/// A good token but for its end.
fn guessed(good: &str) -> String {
    format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'Q' } else { 'A' })
}

#[tokio::test]
async fn a_token_that_was_made_up_does_not_end_a_sign_in() {
    let (house, first) = House::registered().await;
    let good = first["refresh_token"].as_str().unwrap_or_default();
    for made_up in [guessed(good), good.replacen(".0.", ".1.", 1), good.replacen(".0.", ".9.", 1)] {
        house.refresh(&made_up.into()).await.expect(401);
    }
    house.refresh(&first["refresh_token"]).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_ends_a_week_after_it_was_given() {
    let (house, first) = House::registered().await;
    house.world.clock.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    let second = house.refresh(&first["refresh_token"]).await.data(200);
    house.world.clock.advance(SignedDuration::from_hours(7 * 24));
    house.refresh(&second["refresh_token"]).await.expect(401);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_in_the_same_words() {
    let (house, first) = House::registered().await;
    let good = first["refresh_token"].as_str().unwrap_or_default();
    let guessed = guessed(good);
    let parts: Vec<&str> = good.split('.').collect();
    let elsewhere = format!("{}.org_01kaf0v3hteb9s1z6vqk4m2x8y.{}.{}", parts[0], parts[2], parts[3]);
    let mut told = Vec::new();
    for text in ["", "x.y.z", &elsewhere, first["access_token"].as_str().unwrap_or_default(), &guessed] {
        let answer = house.refresh(&text.into()).await;
        let mut problem = answer.expect(401).json();
        problem["request_id"] = Value::Null;
        told.push(problem);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
}

#[tokio::test]
async fn a_refresh_takes_the_role_anew() {
    let (house, first) = House::registered().await;
    let organization = first["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an organization");
    let user: UserId = first["user"]["id"].as_str().and_then(|id| id.parse().ok()).expect("a user");
    let grant = Caller::system(organization, "test").own();
    let table = house.world.platform.table();
    let before: Membership = table.get(&grant, Membership::id_of(user)).await.expect("a membership");
    let after = Membership { role: Role::Viewer.into(), ..before.clone() };
    table.commit(&grant, Change::update(before, after, "membership.updated")).await.expect("a change");

    let second = house.refresh(&first["refresh_token"]).await.data(200);
    assert_eq!(second["user"]["role"], "viewer");
    let me = house.me(&second["access_token"]).await.data(200);
    assert_eq!((&me["role"], &me["reach"]), (&json!("viewer"), &json!("own")));
}

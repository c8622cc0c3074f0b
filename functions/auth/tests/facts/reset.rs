//! A forgotten password is set anew, once.

use domain::SecurityKind::{PasswordChanged, PasswordResetRequested};
use domain::{MessageTemplate, OrganizationId};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{EMAIL, House, PASSWORD, elsewhere, organization};

const NEW: &str = "a staple of paper";

async fn forgotten(house: &House) {
    house.post("/auth/forgot-password", json!({"email": EMAIL})).await.expect(202);
}

/// The token in the newest message's link.
pub(crate) async fn token(house: &House, organization: OrganizationId) -> String {
    let link = house.told(organization, "link").await;
    let token = link.strip_prefix("https://app.example/reset-password?token=").expect("a link to the frontend");
    token.to_owned()
}

#[tokio::test]
async fn a_link_sets_a_new_password_once_and_ends_every_sign_in() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    forgotten(&house).await;
    let token = token(&house, organization).await;
    let body = json!({"token": token, "password": NEW});
    house.post("/auth/reset-password", body.clone()).await.expect(200);
    house.me(&registered["access_token"]).await.expect(401);
    house.refresh(&registered["refresh_token"]).await.expect(401);
    house.login(EMAIL, PASSWORD).await.expect(401);
    house.login(EMAIL, NEW).await.expect(200);
    house.post("/auth/reset-password", body).await.expect(401);

    assert_eq!(house.message(organization).await.template, MessageTemplate::PasswordChanged);
    let happened = house.happened(organization).await;
    assert!(happened.contains(&PasswordResetRequested) && happened.contains(&PasswordChanged), "{happened:?}");
}

#[tokio::test]
async fn a_code_does_the_same() {
    let (house, registered) = House::registered().await;
    forgotten(&house).await;
    let code = house.told(organization(&registered), "code").await;
    let body = json!({"email": EMAIL, "code": code, "password": NEW});
    house.post("/auth/reset-password", body.clone()).await.expect(200);
    house.post("/auth/reset-password", body).await.expect(401);
    house.login(EMAIL, NEW).await.expect(200);
}

#[tokio::test]
async fn a_link_ends_after_an_hour() {
    let (house, registered) = House::registered().await;
    forgotten(&house).await;
    let token = token(&house, organization(&registered)).await;
    house.world.clock.advance(SignedDuration::from_hours(1));
    house.post("/auth/reset-password", json!({"token": token, "password": NEW})).await.expect(401);
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_the_link_good() {
    let (house, registered) = House::registered().await;
    forgotten(&house).await;
    let token = token(&house, organization(&registered)).await;
    for password in ["Password1234", "my name is asha"] {
        house.post("/auth/reset-password", json!({"token": token, "password": password})).await.expect(422);
    }
    house.post("/auth/reset-password", json!({"token": token, "password": NEW})).await.expect(200);
}

#[tokio::test]
async fn two_resets_with_one_link_at_the_same_time_are_one() {
    let (house, registered) = House::registered().await;
    forgotten(&house).await;
    let token = token(&house, organization(&registered)).await;
    let one = house.post("/auth/reset-password", json!({"token": token, "password": NEW}));
    let other = house.post("/auth/reset-password", json!({"token": token, "password": "another staple of paper"}));
    let (one, other) = futures::join!(one, other);
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn whoever_reset_their_password_is_let_in_where_they_are() {
    let (house, registered) = House::registered().await;
    for number in 0..6 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await;
    }
    house.login_from(&elsewhere(70), EMAIL, PASSWORD).await.expect(429);
    house.post_from(&elsewhere(70), "/auth/forgot-password", json!({"email": EMAIL})).await.expect(202);
    let token = token(&house, organization(&registered)).await;
    let body = json!({"token": token, "password": NEW});
    house.post_from(&elsewhere(70), "/auth/reset-password", body).await.expect(200);
    house.login_from(&elsewhere(70), EMAIL, NEW).await.expect(200);
}

#[tokio::test]
async fn who_has_no_link_must_tell_the_address_and_the_code() {
    let house = House::new().await;
    let answer = house.post("/auth/reset-password", json!({})).await;
    let expected = ["email", "code", "password"].map(|field| (field.to_owned(), "required".to_owned()));
    assert_eq!(answer.expect(422).wrong(), expected);
}

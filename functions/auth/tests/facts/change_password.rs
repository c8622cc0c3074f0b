//! Changing a password, and what may be one.

use domain::MessageTemplate;
use domain::SecurityKind::{PasswordChanged, SessionRevoked, SignedIn};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{EMAIL, House, PASSWORD, organization, registration};

const NEW: &str = "a staple of paper";

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

#[tokio::test]
async fn what_everybody_tries_and_what_names_its_owner_is_no_password() {
    let house = House::new().await;
    let mut body = registration(EMAIL);
    for (password, code) in [
        ("P@ssw0rd123", "too_common"),
        ("qwertyuiop123", "too_common"),
        ("the word asha twice", "too_personal"),
        ("for an_owner only", "too_personal"),
    ] {
        body["password"] = password.into();
        let answer = house.post("/auth/register", body.clone()).await;
        assert_eq!(answer.expect(422).wrong(), [("password".to_owned(), code.to_owned())], "{password}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sign_ins_and_tells_their_owner() {
    let (house, first) = House::registered().await;
    let organization = organization(&first);
    let other = house.login(EMAIL, PASSWORD).await.data(200);
    house.post_by(&first, "/auth/change-password", change(PASSWORD, NEW)).await.expect(200);
    house.me(&first["access_token"]).await.expect(200);
    house.me(&other["access_token"]).await.expect(401);
    house.refresh(&other["refresh_token"]).await.expect(401);
    house.refresh(&first["refresh_token"]).await.expect(200);
    house.login(EMAIL, PASSWORD).await.expect(401);
    house.login(EMAIL, NEW).await.expect(200);

    let message = house.message(organization).await;
    assert_eq!((message.template, &message.values["name"]), (MessageTemplate::PasswordChanged, &json!("Asha Example")));
    let happened = house.happened(organization).await;
    assert_eq!(happened[..2], [SignedIn, SignedIn]);
    assert!(happened.contains(&PasswordChanged) && happened.contains(&SessionRevoked), "{happened:?}");
}

#[tokio::test]
async fn the_current_password_must_be_right_and_is_not_guessed_at_leisure() {
    let (house, data) = House::registered().await;
    for _ in 0..5 {
        let answer = house.post_by(&data, "/auth/change-password", change("another password", NEW)).await;
        let wrong = [("current_password".to_owned(), "wrong_password".to_owned())];
        assert_eq!(answer.expect(422).wrong(), wrong);
    }
    house.post_by(&data, "/auth/change-password", change(PASSWORD, NEW)).await.expect(429);
    house.world.clock.advance(SignedDuration::from_secs(61));
    house.post_by(&data, "/auth/change-password", change(PASSWORD, NEW)).await.expect(200);
}

#[tokio::test]
async fn a_new_password_is_another_one_that_nobody_would_try() {
    let (house, data) = House::registered().await;
    for (new, code) in
        [(PASSWORD, "same_password"), ("Password1234", "too_common"), ("my name is asha", "too_personal")]
    {
        let answer = house.post_by(&data, "/auth/change-password", change(PASSWORD, new)).await;
        assert_eq!(answer.expect(422).wrong(), [("new_password".to_owned(), code.to_owned())]);
    }
    let answer = house.post_by(&data, "/auth/change-password", json!({})).await;
    assert_eq!(answer.expect(422).wrong().len(), 2);
}

#[tokio::test]
async fn who_was_given_a_password_may_do_nothing_but_replace_it() {
    let (house, _) = House::registered().await;
    house.edit_user(EMAIL, |user| user.must_change_password = true).await;
    let data = house.login(EMAIL, PASSWORD).await.data(200);
    assert_eq!(data["must"], "change_password");
    let give_up = json!({"password": PASSWORD, "code": "000000"});
    let refused = house.post_by(&data, "/auth/mfa/disable", give_up.clone()).await;
    assert_eq!(refused.expect(403).json()["code"], "password_change_required");

    house.post_by(&data, "/auth/change-password", change(PASSWORD, NEW)).await.expect(200);
    assert_eq!(house.me(&data["access_token"]).await.data(200)["must"], Value::Null);
    let permitted = house.post_by(&data, "/auth/mfa/disable", give_up).await;
    assert_eq!(permitted.expect(409).json()["code"], "not_enrolled");
    assert_eq!(house.login(EMAIL, NEW).await.data(200)["must"], Value::Null);
}

//! Signing in by a code that is sent.

use domain::{MessageTemplate, Phone, Recipient};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{EMAIL, House, elsewhere, organization};

#[tokio::test]
async fn a_code_signs_in_once() {
    let (house, registered) = House::registered().await;
    let code = house.code(organization(&registered)).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let body = json!({"email": EMAIL, "code": code, "remember_me": true});
    let data = house.post("/auth/otp/verify", body.clone()).await.data(200);
    assert_eq!(data["user"], registered["user"]);
    house.me(&data["access_token"]).await.expect(200);
    let session = house.session(&data).await;
    assert_eq!((session.remember, session.proofs.as_slice()), (true, [domain::session::Proof::Code].as_slice()));
    let again = house.post("/auth/otp/verify", body).await;
    assert_eq!(again.expect(401).json()["code"], "invalid_code");
}

#[tokio::test]
async fn of_two_sign_ins_with_one_code_at_the_same_time_one_succeeds() {
    let (house, registered) = House::registered().await;
    let body = json!({"email": EMAIL, "code": house.code(organization(&registered)).await});
    let tries = (0..4).map(|_| house.post("/auth/otp/verify", body.clone()));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[tokio::test]
async fn a_code_ends_after_five_minutes() {
    let (house, registered) = House::registered().await;
    let code = house.code(organization(&registered)).await;
    house.world.clock.advance(SignedDuration::from_mins(5));
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": code})).await.expect(401);
}

#[tokio::test]
async fn another_code_takes_the_place_of_the_first() {
    let (house, registered) = House::registered().await;
    let first = house.code(organization(&registered)).await;
    let second = house.code(organization(&registered)).await;
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": first})).await.expect(401);
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": second})).await.expect(200);
}

#[tokio::test]
async fn three_codes_are_sent_in_a_quarter_of_an_hour_to_whomever() {
    let (house, _) = House::registered().await;
    for email in [EMAIL, "nobody@example.com"] {
        for number in 0..3 {
            house.post_from(&elsewhere(number), "/auth/otp/request", json!({"email": email})).await.expect(202);
        }
        house.post_from(&elsewhere(9), "/auth/otp/request", json!({"email": email})).await.expect(429);
    }
    house.world.clock.advance(SignedDuration::from_mins(15));
    house.post("/auth/otp/request", json!({"email": EMAIL})).await.expect(202);
}

#[tokio::test]
async fn an_address_asks_for_twenty_codes_in_a_quarter_of_an_hour() {
    let house = House::new().await;
    for number in 0..20 {
        house.post("/auth/otp/request", json!({"email": format!("nobody{number}@example.com")})).await.expect(202);
    }
    house.post("/auth/otp/request", json!({"email": EMAIL})).await.expect(429);
}

#[tokio::test]
async fn a_code_goes_by_text_message_to_who_has_a_phone() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    let by_text = json!({"email": EMAIL, "channel": "sms"});
    house.post("/auth/otp/request", by_text.clone()).await.expect(202);
    assert!(matches!(house.message(organization).await.to, Recipient::Email(_)));
    let phone: Phone = "+919876543210".parse().expect("a phone");
    house.edit_user(EMAIL, |user| user.phone = Some(phone.clone())).await;
    house.post("/auth/otp/request", by_text).await.expect(202);
    let message = house.message(organization).await;
    assert_eq!((message.to, message.template), (Recipient::Sms(phone), MessageTemplate::SignInCode));
    assert_eq!(message.values["minutes"], 5);
    let code = house.told(organization, "code").await;
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": code})).await.expect(200);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let answer = house.post("/auth/otp/request", json!({"email": 7, "channel": "pigeon"})).await;
    let expected = [("email", "not_text"), ("channel", "unknown_value")];
    assert_eq!(answer.expect(422).wrong(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let answer = house.post("/auth/otp/verify", json!({"remember_me": "yes"})).await;
    assert_eq!(answer.expect(422).wrong().len(), 3);
}

#[tokio::test]
async fn the_table_keeps_no_code() {
    let (house, registered) = House::registered().await;
    let code = house.code(organization(&registered)).await;
    let written = house.world.stream().await;
    let challenges = written.iter().filter(|change| change["NewImage"]["kind"]["S"] == "challenge");
    let text: Vec<String> = challenges.map(ToString::to_string).collect();
    assert!(!text.is_empty());
    assert!(!text.concat().contains(&format!("\"{code}")), "{text:?}");
}

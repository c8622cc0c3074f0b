//! The second factor.

use domain::SecurityKind::{RecoveryCodeUsed, SecondFactorDisabled, SecondFactorEnrolled};
use domain::session::Proof;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{EMAIL, House, PASSWORD, elsewhere, organization};

fn answer(token: &Value, code: &str) -> Value {
    json!({"mfa_token": token, "code": code})
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for() {
    let (house, registered) = House::registered().await;
    let data = house.post_by(&registered, "/auth/mfa/enroll", json!({})).await.data(200);
    let (secret, url) = (data["secret"].as_str().expect("a secret"), data["otpauth_url"].as_str().expect("a URL"));
    assert_eq!(secret.len(), 32);
    assert!(url.starts_with("otpauth://totp/Sampark:an%5Fowner%40example%2Ecom?") && url.contains(secret), "{url}");
    assert!(data["qr"].as_str().is_some_and(|qr| qr.starts_with("data:image/svg+xml;base64,")));
    // Until it is confirmed it does not count.
    assert_eq!(house.login(EMAIL, PASSWORD).await.data(200)["mfa_required"], Value::Null);

    let code = house.totp(secret);
    let data = house.post_by(&registered, "/auth/mfa/confirm", json!({"code": code})).await.data(200);
    assert_eq!(data["recovery_codes"].as_array().map(Vec::len), Some(10));
    house.post_by(&registered, "/auth/mfa/enroll", json!({})).await.expect(409);

    house.next_step();
    let token = house.mfa_token(EMAIL).await;
    let data = house.post("/auth/mfa/verify", answer(&token, &house.totp(secret))).await.data(200);
    assert_eq!(data["user"], registered["user"]);
    assert_eq!(data["second_factor_due_at"], Value::Null);
    assert_eq!(house.session(&data).await.proofs, [Proof::Password, Proof::Totp]);
    house.me(&data["access_token"]).await.expect(200);
    assert!(house.happened(organization(&registered)).await.contains(&SecondFactorEnrolled));
}

#[tokio::test]
async fn a_code_that_was_sent_is_a_first_factor_too() {
    let (house, registered) = House::registered().await;
    let (secret, _) = house.enrolled(&registered).await;
    let code = house.code(organization(&registered)).await;
    let data = house.post("/auth/otp/verify", json!({"email": EMAIL, "code": code})).await.data(200);
    house.next_step();
    let data = house.post("/auth/mfa/verify", answer(&data["mfa_token"], &house.totp(&secret))).await.data(200);
    assert_eq!(house.session(&data).await.proofs, [Proof::Code, Proof::Totp]);
}

#[tokio::test]
async fn an_administrator_whose_time_is_up_sets_it_up_and_goes_on() {
    let (house, _) = House::registered().await;
    house.world.clock.advance(SignedDuration::from_hours(7 * 24));
    let data = house.login(EMAIL, PASSWORD).await.data(200);
    assert_eq!(data["must"], "enroll_second_factor");
    let give_up = json!({"password": PASSWORD, "code": "000000"});
    house.post_by(&data, "/auth/mfa/disable", give_up.clone()).await.expect(403);
    let other = house.login(EMAIL, PASSWORD).await.data(200);
    house.enrolled(&data).await;
    for signed_in in [&data, &other] {
        assert_eq!(house.me(&signed_in["access_token"]).await.data(200)["must"], Value::Null);
        assert_eq!(house.session(signed_in).await.second_factor_due_at, None);
    }
    // Required of administrators, it cannot be given up again.
    let refused = house.post_by(&data, "/auth/mfa/disable", give_up).await;
    assert_eq!(refused.expect(409).json()["code"], "second_factor_required");
}

#[tokio::test]
async fn a_clock_may_be_one_step_early_or_late() {
    let (house, registered) = House::registered().await;
    let (secret, _) = house.enrolled(&registered).await;
    house.next_step();
    house.next_step();
    let early = house.totp(&secret);
    house.next_step();
    let token = house.mfa_token(EMAIL).await;
    house.post("/auth/mfa/verify", answer(&token, &early)).await.expect(200);
    house.next_step();
    let too_early = house.totp(&secret);
    house.next_step();
    house.next_step();
    let token = house.mfa_token(EMAIL).await;
    house.post("/auth/mfa/verify", answer(&token, &too_early)).await.expect(401);
    house.next_step();
    let late = house.totp(&secret);
    house.world.clock.advance(SignedDuration::from_secs(-30));
    house.post("/auth/mfa/verify", answer(&token, &late)).await.expect(200);
}

#[tokio::test]
async fn a_code_is_taken_once_also_by_sign_ins_at_the_same_time() {
    let (house, registered) = House::registered().await;
    let (secret, _) = house.enrolled(&registered).await;
    // The code that confirmed it is used up.
    let token = house.mfa_token(EMAIL).await;
    house.post("/auth/mfa/verify", answer(&token, &house.totp(&secret))).await.expect(401);
    house.next_step();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(house.mfa_token(EMAIL).await);
    }
    let code = house.totp(&secret);
    let tries = tokens.iter().map(|token| house.post("/auth/mfa/verify", answer(token, &code)));
    let answers = futures::future::join_all(tries).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
}

#[tokio::test]
async fn a_recovery_code_is_good_once() {
    let (house, registered) = House::registered().await;
    let (_, codes) = house.enrolled(&registered).await;
    let token = house.mfa_token(EMAIL).await;
    let body = json!({"mfa_token": token, "recovery_code": codes[3].to_uppercase()});
    let data = house.post("/auth/mfa/verify", body).await.data(200);
    assert_eq!(house.session(&data).await.proofs, [Proof::Password, Proof::RecoveryCode]);
    assert!(house.happened(organization(&registered)).await.contains(&RecoveryCodeUsed));
    let token = house.mfa_token(EMAIL).await;
    for (code, status) in [(&codes[3], 401), (&codes[4], 200)] {
        house.post("/auth/mfa/verify", json!({"mfa_token": token, "recovery_code": code})).await.expect(status);
    }
}

#[tokio::test]
async fn a_token_between_the_factors_is_good_once_for_five_minutes() {
    let (house, registered) = House::registered().await;
    let (secret, _) = house.enrolled(&registered).await;
    house.next_step();
    let token = house.mfa_token(EMAIL).await;
    house.post("/auth/mfa/verify", answer(&token, &house.totp(&secret))).await.expect(200);
    house.next_step();
    house.post("/auth/mfa/verify", answer(&token, &house.totp(&secret))).await.expect(401);
    let token = house.mfa_token(EMAIL).await;
    house.world.clock.advance(SignedDuration::from_mins(5));
    house.post("/auth/mfa/verify", answer(&token, &house.totp(&secret))).await.expect(401);
}

#[tokio::test]
async fn new_tokens_and_new_addresses_give_no_more_guesses() {
    let (house, registered) = House::registered().await;
    house.enrolled(&registered).await;
    let mut compared = 0;
    for number in 0..12 {
        let data = house.login_from(&elsewhere(number), EMAIL, PASSWORD).await.data(200);
        let answer =
            house.post_from(&elsewhere(number), "/auth/mfa/verify", answer(&data["mfa_token"], "000000")).await;
        compared += u32::from(answer.status == 401);
    }
    assert_eq!(compared, 5);
}

#[tokio::test]
async fn a_second_factor_is_given_up_with_both_proofs_where_nobody_requires_it() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    let (secret, _) = house.enrolled(&registered).await;
    house.edit_organization(organization, |organization| organization.security.admin_second_factor = false).await;
    house.next_step();
    let give_up = |password: &str, code: &str| json!({"password": password, "code": code});
    let code = house.totp(&secret);
    let wrong = house.post_by(&registered, "/auth/mfa/disable", give_up("another password", &code)).await;
    assert_eq!(wrong.expect(422).wrong(), [("password".to_owned(), "wrong_password".to_owned())]);
    let wrong = house.post_by(&registered, "/auth/mfa/disable", give_up(PASSWORD, "000000")).await;
    assert_eq!(wrong.expect(422).wrong(), [("code".to_owned(), "wrong_code".to_owned())]);
    house.post_by(&registered, "/auth/mfa/disable", give_up(PASSWORD, &code)).await.expect(200);
    assert!(house.happened(organization).await.contains(&SecondFactorDisabled));
    let data = house.login(EMAIL, PASSWORD).await.data(200);
    house.me(&data["access_token"]).await.expect(200);
}

#[tokio::test]
async fn the_table_keeps_recovery_codes_as_hashes() {
    let (house, registered) = House::registered().await;
    let (_, codes) = house.enrolled(&registered).await;
    let written = serde_json::to_string(&house.world.stream().await).expect("JSON");
    for code in codes {
        assert!(!written.contains(&code) && !written.contains(&code.replace('-', "")));
    }
}

//! What people try who should not come in.

use domain::challenge::MAX_TRIES;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::reset::token;
use crate::support::{EMAIL, House, PASSWORD, elsewhere, organization, words};

const OTHER: &str = "a_neighbour@example.com";
const NEW: &str = "a staple of paper";

#[tokio::test]
async fn no_answer_tells_whether_there_is_an_account() {
    let (house, _) = House::registered().await;
    let asks = [
        ("/auth/login", json!({"password": "another password"})),
        ("/auth/otp/request", json!({})),
        ("/auth/otp/request", json!({"channel": "sms"})),
        ("/auth/otp/verify", json!({"code": "000000"})),
        ("/auth/forgot-password", json!({})),
        ("/auth/reset-password", json!({"code": "000000", "password": NEW})),
    ];
    for (number, (path, body)) in asks.into_iter().enumerate() {
        let mut told = Vec::new();
        for (email, place) in [(EMAIL, 100), ("nobody@example.com", 150)] {
            let mut body = body.clone();
            body["email"] = email.into();
            let address = elsewhere(u8::try_from(number).expect("few") + place);
            let answer = house.post_from(&address, path, body).await;
            let mut headers: Vec<(String, String)> = answer
                .headers
                .iter()
                .filter(|(name, _)| *name != "x-request-id")
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
                .collect();
            headers.sort();
            told.push((answer.status, words(&answer), headers));
        }
        assert_eq!(told[0], told[1], "{path}");
    }
}

/// The calls to the table that an operation makes, and the items it writes.
async fn work(house: &House, path: &str, body: Value) -> (Vec<(&'static str, u64)>, usize) {
    house.world.stream().await;
    house.world.standins.dynamo.meter().reset();
    house.post_from(&elsewhere(1), path, body).await;
    let calls = house.world.standins.dynamo.meter().snapshot();
    let calls = calls.into_iter().map(|cost| (cost.operation, cost.cost.calls)).collect();
    (calls, house.world.stream().await.len())
}

#[tokio::test]
async fn the_work_does_not_tell_either() {
    let (house, _) = House::registered().await;
    // The address has leased the next requests of its hour, whomever they are about.
    house.post_from(&elsewhere(1), "/nowhere", json!({})).await.expect(404);
    for (path, body) in [
        ("/auth/login", json!({"password": "another password"})),
        ("/auth/otp/request", json!({})),
        ("/auth/forgot-password", json!({})),
    ] {
        let with = |email: &str| {
            let mut body = body.clone();
            body["email"] = email.into();
            body
        };
        let somebody = work(&house, path, with(EMAIL)).await;
        let nobody = work(&house, path, with("nobody@example.com")).await;
        assert_eq!(somebody, nobody, "{path}");
    }
}

#[tokio::test]
async fn a_link_or_a_code_of_another_account_sets_no_password() {
    let (house, registered) = House::registered().await;
    let neighbour = house.register(OTHER).await.data(201);
    for email in [EMAIL, OTHER] {
        house.post("/auth/forgot-password", json!({"email": email})).await.expect(202);
    }
    let (ours, theirs) = (organization(&registered), organization(&neighbour));
    let (our_token, their_token) = (token(&house, ours).await, token(&house, theirs).await);
    let (id, _) = our_token.split_once('.').expect("a token");
    let (_, secret) = their_token.split_once('.').expect("a token");
    let their_code = house.told(theirs, "code").await;
    for body in [
        json!({"token": format!("{id}.{secret}"), "password": NEW}),
        json!({"email": EMAIL, "code": their_code, "password": NEW}),
        json!({"token": format!("{id}."), "password": NEW}),
        json!({"token": id, "password": NEW}),
        json!({"token": "", "password": NEW}),
    ] {
        assert_eq!(house.post("/auth/reset-password", body).await.expect(401).json()["code"], "invalid_code");
    }
    // The address beside a good link does not choose whose password it is.
    let body = json!({"token": their_token, "email": EMAIL, "password": NEW});
    house.post("/auth/reset-password", body).await.expect(200);
    house.login(EMAIL, PASSWORD).await.expect(200);
    house.login(OTHER, NEW).await.expect(200);
}

#[tokio::test]
async fn a_code_for_one_thing_is_none_for_another() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    let code = house.code(organization).await;
    let body = json!({"email": EMAIL, "code": code, "password": NEW});
    house.post("/auth/reset-password", body).await.expect(401);
    house.post("/auth/forgot-password", json!({"email": EMAIL})).await.expect(202);
    let (code, token) = (house.told(organization, "code").await, token(&house, organization).await);
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": code})).await.expect(401);
    house.post("/auth/mfa/verify", json!({"mfa_token": token, "code": code})).await.expect(401);
}

#[tokio::test]
async fn however_many_guesses_come_at_once_five_are_compared() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    let right = house.code(organization).await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let addresses: Vec<String> = (0..12).map(elsewhere).collect();
    let body = json!({"email": EMAIL, "code": wrong});
    let guesses = addresses.iter().map(|address| house.post_from(address, "/auth/otp/verify", body.clone()));
    let answers = futures::future::join_all(guesses).await;
    let compared = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(compared <= MAX_TRIES as usize, "{compared} were compared");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));
    // The five of the code are used up, also where its holder sits.
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": right})).await.expect(401);
    let another = house.code(organization).await;
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": another})).await.expect(200);
}

#[tokio::test]
async fn new_codes_and_new_addresses_give_no_more_guesses() {
    let (house, registered) = House::registered().await;
    let mut compared = 0;
    for number in 0..30_u8 {
        if number % 10 == 0 {
            house.code(organization(&registered)).await;
        }
        let body = json!({"email": EMAIL, "code": "not one"});
        let answer = house.post_from(&elsewhere(number), "/auth/otp/verify", body).await;
        compared += u32::from(answer.status == 401);
    }
    assert_eq!(compared, 5);
}

#[tokio::test]
async fn the_second_factor_of_somebody_else_completes_nothing() {
    let (house, registered) = House::registered().await;
    let neighbour = house.register(OTHER).await.data(201);
    house.enrolled(&registered).await;
    let (their_secret, their_codes) = house.enrolled(&neighbour).await;
    house.next_step();
    let token = house.mfa_token(EMAIL).await;
    for body in [
        json!({"mfa_token": token, "code": house.totp(&their_secret)}),
        json!({"mfa_token": token, "recovery_code": their_codes[0]}),
        json!({"mfa_token": "", "code": house.totp(&their_secret)}),
    ] {
        assert_eq!(house.post("/auth/mfa/verify", body).await.expect(401).json()["code"], "invalid_code");
    }
    // What proves the first factor alone is no token of any other kind.
    house.me(&token).await.expect(401);
    house.refresh(&token).await.expect(401);
    house.post("/auth/reset-password", json!({"token": token, "password": NEW})).await.expect(401);
}

#[tokio::test]
async fn who_may_not_come_in_does_not_by_a_code_either() {
    let (house, registered) = House::registered().await;
    let code = house.code(organization(&registered)).await;
    let elsewhere = json!({"email": EMAIL, "code": code, "organization_id": "org_01kaf0v3hteb9s1z6vqk4m2x8y"});
    house.post("/auth/otp/verify", elsewhere).await.expect(401);
    house.world.clock.advance(SignedDuration::from_secs(1));
    house.post("/auth/otp/verify", json!({"email": EMAIL, "code": code})).await.expect(200);
}

#[tokio::test]
async fn answers_with_secrets_are_kept_by_nobody() {
    let (house, registered) = House::registered().await;
    let enrolment = house.post_by(&registered, "/auth/mfa/enroll", json!({})).await;
    assert_eq!(enrolment.header("cache-control"), Some("no-store"));
}

//! Who guesses waits longer and longer; who does not is left alone.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{EMAIL, HOME, House, PASSWORD, elsewhere};

#[tokio::test]
async fn after_five_failures_the_wait_doubles_up_to_an_hour() {
    let (house, _) = House::registered().await;
    for number in 0..5 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await.expect(401);
    }
    for (number, minutes) in [1_i64, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        let address = elsewhere(u8::try_from(number).expect("few") + 10);
        let answer = house.login_from(&address, EMAIL, PASSWORD).await;
        let wait =
            answer.expect(429).header("retry-after").and_then(|seconds| seconds.parse::<i64>().ok()).expect("a wait");
        assert!((minutes * 60 - 1..=minutes * 60).contains(&wait), "{wait} seconds instead of {minutes} minutes");
        house.world.clock.advance(SignedDuration::from_secs(wait + 1));
        house.login_from(&address, EMAIL, "another password").await.expect(401);
    }
}

#[tokio::test]
async fn who_guesses_from_elsewhere_does_not_lock_the_holder_out_at_home() {
    let (house, _) = House::registered().await;
    for number in 0..20 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await;
    }
    house.login_from(&elsewhere(30), EMAIL, PASSWORD).await.expect(429);
    house.login_from(HOME, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn many_addresses_give_no_more_guesses_than_one() {
    let (house, _) = House::registered().await;
    let mut compared = 0;
    for number in 0..40 {
        let answer = house.login_from(&elsewhere(number), EMAIL, "another password").await;
        compared += u32::from(answer.status == 401);
    }
    assert_eq!(compared, 5);
}

#[tokio::test]
async fn guesses_at_the_same_time_count_before_they_are_compared() {
    let (house, _) = House::registered().await;
    let addresses: Vec<String> = (0..12).map(elsewhere).collect();
    let guesses = addresses.iter().map(|address| house.login_from(address, EMAIL, "another password"));
    let answers = futures::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 7);
}

#[tokio::test]
async fn an_address_becomes_known_by_a_sign_in_and_ten_are_kept() {
    let (house, _) = House::registered().await;
    for number in 0..12 {
        house.login_from(&elsewhere(number), EMAIL, PASSWORD).await.expect(200);
        house.login_from(&elsewhere(number), EMAIL, PASSWORD).await.expect(200);
    }
    let known = house.user(EMAIL).await.known_addresses;
    assert_eq!(known.len(), 10);
    assert!(!format!("{known:?}").contains("203.0.113"), "addresses are kept as hashes");
}

#[tokio::test]
async fn who_must_wait_for_the_password_may_still_sign_in_by_a_code() {
    let (house, registered) = House::registered().await;
    for number in 0..6 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await;
    }
    let code = house.code(crate::support::organization(&registered)).await;
    let body = json!({"email": EMAIL, "code": code});
    house.post_from(&elsewhere(50), "/auth/otp/verify", body).await.expect(200);
}

#[tokio::test]
async fn a_wait_of_one_account_does_not_make_an_office_wait() {
    let (house, _) = House::registered().await;
    house.register("a_colleague@example.com").await.expect(201);
    for number in 0..5 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await.expect(401);
    }
    for _ in 0..10 {
        house.login_from(&elsewhere(60), EMAIL, PASSWORD).await.expect(429);
    }
    house.login_from(&elsewhere(60), "a_colleague@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_where_many_failed_serves_who_does_not() {
    let (house, _) = House::registered().await;
    for number in 0..5 {
        house.login(&format!("guess{number}@example.com"), PASSWORD).await.expect(401);
    }
    house.login(EMAIL, PASSWORD).await.expect(429);
    house.world.clock.advance(SignedDuration::from_secs(60));
    for _ in 0..3 {
        house.login(EMAIL, PASSWORD).await.expect(200);
    }
    // An account of one's own in between gives no more guesses.
    house.login("guess6@example.com", PASSWORD).await.expect(401);
    house.login("guess7@example.com", PASSWORD).await.expect(429);
}

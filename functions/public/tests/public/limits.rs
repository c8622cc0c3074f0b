//! How often a page may ask.

use jiff::SignedDuration;
use serde_json::json;

use testkit::Ask;

use crate::support::{FROM, Place, submission, view};

#[tokio::test]
async fn the_eleventh_in_a_minute_from_one_address_waits() {
    let place = Place::new().await;
    for n in 0..10 {
        let answer = place.submit_from("198.51.100.1", json!({"email": format!("lead{n}@example.com")})).await;
        assert_eq!(answer.expect(202).header("ratelimit-limit"), Some("10"));
        assert_eq!(answer.header("ratelimit-remaining"), Some((9 - n).to_string().as_str()));
    }
    let late = place.submit_from("198.51.100.1", json!({"email": "late@example.com"})).await;
    late.expect(429);
    assert_eq!(late.header("ratelimit-remaining"), Some("0"));
    assert_eq!(late.header("ratelimit-limit"), Some("10"));
    let wait: i64 = late.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(late.header("ratelimit-reset"), late.header("retry-after"));

    place.submit_from("198.51.100.2", json!({"email": "other@example.com"})).await.expect(202);
    place.world.clock.advance(SignedDuration::from_secs(wait));
    place.submit_from("198.51.100.1", json!({"email": "late@example.com"})).await.expect(202);
    assert_eq!(place.leads().await.len(), 12);
}

#[tokio::test]
async fn what_is_wrong_counts_too() {
    let place = Place::new().await;
    for _ in 0..10 {
        place.submit_from("198.51.100.1", json!({"email": "nobody"})).await.expect(422);
    }
    place.submit_from("198.51.100.1", json!({"email": "a_lead@example.com"})).await.expect(429);
}

#[tokio::test]
async fn a_form_takes_a_hundred_and_twenty_a_minute_from_everywhere() {
    let place = Place::new().await;
    // Robots, so that the test is quick: they count as people do.
    let body = json!({"email": "a_robot@example.com", "website": "x"});
    for n in 0..120 {
        submission(&place.form, &format!("198.51.100.{n}"), body.clone()).of(&place.router).await.expect(202);
    }
    let late = submission(&place.form, "198.51.100.200", body.clone()).of(&place.router).await;
    assert_eq!(late.expect(429).header("ratelimit-limit"), Some("120"));
    assert!(late.header("retry-after").is_some());
    let another = crate::support::a_form(&place.world, &place.tenant, place.tenant.branch, |_| {}).await;
    submission(&another, "198.51.100.200", body).of(&place.router).await.expect(202);
}

#[tokio::test]
async fn a_form_is_shown_sixty_times_a_minute_to_one_address() {
    let place = Place::new().await;
    for _ in 0..60 {
        view(&place.form, "198.51.100.1").of(&place.router).await.expect(200);
    }
    view(&place.form, "198.51.100.1").of(&place.router).await.expect(429);
    view(&place.form, "198.51.100.2").of(&place.router).await.expect(200);
}

#[tokio::test]
async fn one_address_asks_a_thousand_times_an_hour_without_sign_in_for_whatever() {
    let place = Place::new().await;
    let router = &place.set_up(|settings| settings.address_requests = Some(runtime::ADDRESS_REQUESTS));
    let ask = |address: &'static str| async move { Ask::get("/nowhere").header(FROM, address).of(router).await };
    for left in (0..1_000).rev() {
        let answer = ask("2001:db8:1:2::1").await;
        assert_eq!(answer.expect(404).header("ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let late = ask("2001:db8:1:2::2").await;
    assert_eq!(late.expect(429).header("ratelimit-limit"), Some("1000"), "it is of the same network");
    let wait: i64 = late.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    ask("2001:db8:1:3::1").await.expect(404);

    let person = place.world.a_person(&place.tenant, domain::Role::Agent, place.tenant.branch).await;
    let known = Ask::get("/nowhere").header(FROM, "2001:db8:1:2::1").by(&person).of(router).await;
    known.expect(404);
    let forged = Ask::get("/nowhere").header(FROM, "2001:db8:1:2::1").bearing("a token").of(router).await;
    forged.expect(429);

    place.world.clock.advance(SignedDuration::from_secs(wait));
    ask("2001:db8:1:2::1").await.expect(404);
}

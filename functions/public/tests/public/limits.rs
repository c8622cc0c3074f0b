//! How often a page may ask.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Place, submission, view};

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

//! Variants are tried on a part, and the rest get the winner.

use std::collections::BTreeMap;

use domain::CommunicationStatus;
use domain::campaign::RecipientState;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::Press;

#[tokio::test]
async fn the_variant_that_is_opened_most_goes_to_the_rest() {
    let press = Press::new().await;
    press.leads(40).await;
    let test = json!({
        "variants": [{"subject": "A"}, {"subject": "B"}], "test_percent": 50, "holdout_percent": 10,
        "winner": {"metric": "open_rate", "min_sample": 2, "after_minutes": 30},
    });
    let campaign = press.launched(json!({"ab_test": test})).await;
    press.settle().await;
    let tested = press.said(&campaign).await;
    let mut by: BTreeMap<String, usize> = BTreeMap::new();
    for one in &tested {
        *by.entry(one.campaign.as_ref().and_then(|of| of.variant.clone()).expect("a variant")).or_default() += 1;
        assert_eq!(
            one.subject.as_ref().map(|line| line.to_string().to_lowercase()),
            one.campaign.clone().and_then(|of| of.variant)
        );
    }
    assert!(by["a"] >= 2 && by["b"] >= 2, "{by:?}");
    let held_out = press.recipients(&campaign).await.iter().filter(|one| one.state == RecipientState::HeldOut).count();
    for one in &tested {
        let is_b = one.subject.as_ref().is_some_and(|subject| subject.as_str() == "B");
        let status = if is_b { CommunicationStatus::Read } else { CommunicationStatus::Delivered };
        press.report(one, status).await;
    }
    press.settle().await;
    press.wait(SignedDuration::from_mins(29)).await;
    assert_eq!(press.said(&campaign).await.len(), tested.len(), "it is too early to tell");
    press.wait(SignedDuration::from_mins(2)).await;
    let shown = press.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!(shown["winner"], json!({"key": "b", "has_sample": true}));
    let all = press.said(&campaign).await;
    assert_eq!(all.len() + held_out, 40);
    let rest = all.iter().filter(|one| tested.iter().all(|known| known.id != one.id));
    assert!(rest.into_iter().all(|one| one.subject.as_ref().is_some_and(|subject| subject.as_str() == "B")));
    assert!(press.outbox().values().all(|messages| messages.len() == 1));
    let stats = press.stats(&campaign).await;
    assert_eq!(stats["held_out"], json!(held_out));
    assert_eq!((&stats["variants"][0]["open_rate"], &stats["variants"][0]["key"]), (&json!(0.0), &json!("a")));
    press.minutes(2).await;
    assert_eq!(press.status(&campaign).await, "completed");
}

#[tokio::test]
async fn the_first_variant_wins_where_the_sample_stays_too_small() {
    let press = Press::new().await;
    press.leads(12).await;
    let test = json!({
        "variants": [{"subject": "A"}, {"subject": "B"}], "test_percent": 50,
        "winner": {"min_sample": 1000, "after_minutes": 10},
    });
    let campaign = press.launched(json!({"ab_test": test})).await;
    press.settle().await;
    press.minutes(25).await;
    let early = press.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!((&early["stage"], &early["winner"]), (&json!("testing"), &json!(null)));
    press.minutes(15).await;
    let shown = press.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!(shown["winner"], json!({"key": "a", "has_sample": false}));
    assert_eq!(press.said(&campaign).await.len(), 12);
}

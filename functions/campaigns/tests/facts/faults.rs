//! Workers die, steps repeat and get lost: everybody whom a campaign is for gets one message, and its figures say so.

use jiff::SignedDuration;
use serde_json::json;
use standins::Fault;

use crate::support::Press;

const LEADS: usize = 3;

/// Everybody got one message and no more, whoever cannot was counted once, and the figures are the truth.
async fn all_is_as_if_nothing_had_happened(press: &Press, campaign: &str, what: &str) {
    let outbox = press.outbox();
    assert_eq!(outbox.len(), LEADS, "{what}");
    for (to, messages) in &outbox {
        let ids: std::collections::BTreeSet<String> = messages.iter().map(|one| message_id(&one.raw)).collect();
        assert_eq!(ids.len(), 1, "{what}: {to}");
    }
    let stats = press.stats(campaign).await;
    let numbers = (&stats["total_recipients"], &stats["sent"], &stats["pending"], &stats["refused"]);
    let expected = (&json!(LEADS + 1), &json!(LEADS), &json!(0), &json!({"no_address": 1}));
    assert_eq!(numbers, expected, "{what}: {stats}");
    assert_eq!(press.recipients(campaign).await.len(), LEADS + 1, "{what}");
    assert_eq!(press.said(campaign).await.len(), LEADS, "{what}");
    assert_eq!(press.status(campaign).await, "completed", "{what}");
}

/// Of what came twice mailboxes keep one, as it is the same message.
fn message_id(raw: &[u8]) -> String {
    let raw = String::from_utf8_lossy(raw);
    let line = raw.lines().find(|line| line.to_lowercase().starts_with("message-id:"));
    line.expect("a Message-ID").to_owned()
}

async fn a_press() -> (Press, String) {
    let press = Press::new().await;
    press.leads(LEADS).await;
    press.a_lead("Silent", false, false).await;
    press.settle().await;
    let campaign = press.launched(json!({})).await;
    (press, campaign)
}

/// The planner meets this at each of its writes, one after the other.
async fn the_planner_meets(fault: Fault) {
    for write in 1.. {
        let (press, campaign) = Box::pin(a_press()).await;
        press.kill(write, fault);
        press.settle().await;
        let struck = press.revive();
        press.settle().await;
        for _ in 0..3 {
            press.wait(SignedDuration::from_secs(150)).await;
        }
        all_is_as_if_nothing_had_happened(&press, &campaign, &format!("{fault:?} at write {write}")).await;
        if !struck {
            assert!(write > 7, "there are so many writes");
            break;
        }
    }
}

#[tokio::test]
async fn a_planner_may_die_before_any_write() {
    the_planner_meets(Fault::CrashBefore).await;
}

#[tokio::test]
async fn a_planner_may_die_after_any_write() {
    the_planner_meets(Fault::CrashAfter).await;
}

#[tokio::test]
async fn a_planner_may_hear_nothing_of_any_write() {
    the_planner_meets(Fault::Unanswered).await;
}

#[tokio::test]
async fn a_planner_may_cross_others_at_any_write() {
    the_planner_meets(Fault::Conflict).await;
}

#[tokio::test]
async fn a_step_may_come_twice_late_and_to_two_workers() {
    let (press, campaign) = Box::pin(a_press()).await;
    for _ in 0..6 {
        let (one, other) = tokio::join!(press.step(&campaign), press.step(&campaign));
        assert!(one && other);
    }
    press.settle().await;
    assert!(press.step(&campaign).await);
    press.minutes(2).await;
    assert!(press.step(&campaign).await);
    all_is_as_if_nothing_had_happened(&press, &campaign, "repeated").await;
}

#[tokio::test]
async fn a_campaign_that_lost_its_message_is_found_by_the_clock() {
    let (press, campaign) = Box::pin(a_press()).await;
    let url = press.world.platform.settings().launches_queue.clone().expect("a queue");
    press.world.standins.sqs.client().purge_queue().queue_url(url).send().await.expect("it is lost");
    press.settle().await;
    assert_eq!(press.outbox().len(), 0);
    press.minutes(5).await;
    all_is_as_if_nothing_had_happened(&press, &campaign, "lost").await;
}

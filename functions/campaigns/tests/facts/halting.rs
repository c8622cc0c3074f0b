//! A campaign halts, goes on and ends when people say so, and halts by itself when too much gets nowhere.

use domain::CommunicationStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::Press;

impl Press {
    async fn told(&self, campaign: &str, what: &str) -> Value {
        self.post(&format!("/campaigns/{campaign}/{what}"), json!({})).await.data(200)
    }
}

#[tokio::test]
async fn what_is_not_planned_and_what_is_on_its_way_wait_while_it_is_paused() {
    let press = Press::new().await;
    press.leads(5).await;
    let campaign = press.launched(json!({})).await;
    // Begun, and one page planned, whose messages nobody has taken up.
    assert!(press.step(&campaign).await && press.step(&campaign).await);
    let paused = press.told(&campaign, "pause").await;
    assert_eq!((&paused["status"], &paused["stage"]), (&json!("paused"), &json!("planning")));
    press.settle().await;
    press.minutes(3).await;
    assert_eq!(press.outbox().len(), 0);
    assert_eq!(press.recipients(&campaign).await.len(), 2);
    press.told(&campaign, "resume").await;
    press.settle().await;
    press.minutes(6).await;
    assert_eq!(press.outbox().len(), 5);
    assert!(press.outbox().values().all(|messages| messages.len() == 1));
    assert_eq!(press.status(&campaign).await, "completed");
}

#[tokio::test]
async fn what_is_on_its_way_is_taken_back_when_it_is_cancelled() {
    let press = Press::new().await;
    press.leads(5).await;
    let campaign = press.launched(json!({})).await;
    assert!(press.step(&campaign).await && press.step(&campaign).await);
    press.told(&campaign, "cancel").await;
    press.settle().await;
    press.minutes(3).await;
    assert_eq!(press.outbox().len(), 0);
    let said = press.said(&campaign).await;
    assert!(said.len() == 2 && said.iter().all(|one| one.status == CommunicationStatus::Cancelled));
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["cancelled"], &stats["pending"], &stats["sent"]), (&json!(2), &json!(0), &json!(0)));
    for what in ["pause", "resume", "cancel", "launch"] {
        let refused = press.post(&format!("/campaigns/{campaign}/{what}"), json!({})).await;
        assert_eq!(refused.expect(409).json()["code"], "wrong_status", "{what}");
    }
}

#[tokio::test]
async fn it_halts_by_itself_and_goes_on_with_a_clean_slate() {
    let press = Press::new().await;
    press.leads(8).await;
    let limit = json!({"max_error_percent": 50, "error_min_sample": 2, "throttle_per_minute": 2});
    let campaign = press.launched(limit).await;
    press.settle().await;
    for one in press.said(&campaign).await {
        press.report(&one, CommunicationStatus::Failed).await;
    }
    press.settle().await;
    let halted = press.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!((&halted["status"], &halted["reason"]), (&json!("paused"), &json!("error_rate")));
    press.minutes(3).await;
    assert_eq!(press.outbox().len(), 2);
    let resumed = press.told(&campaign, "resume").await;
    assert_eq!((&resumed["status"], &resumed["reason"]), (&json!("active"), &Value::Null));
    press.settle().await;
    press.minutes(5).await;
    assert_eq!(press.outbox().len(), 8);
    press.wait(SignedDuration::from_mins(2)).await;
    assert_eq!(press.status(&campaign).await, "completed");
}

#[tokio::test]
async fn one_that_cannot_begin_any_more_has_failed_and_says_why() {
    let press = Press::new().await;
    press.leads(1).await;
    let (platform, now) = (&press.world.platform, press.world.platform.now());
    let audience = domain::segment::Audience::criteria(&json!({"source": "x"}), &jiff::tz::TimeZone::UTC);
    let details = domain::segment::SegmentDetails {
        name: "Few".parse().expect("a name"),
        description: None,
        audience: audience.expect("criteria"),
    };
    let id = domain::SegmentId::at(now, platform.random());
    let change = domain::Segment::create(id, press.tenant.organization, details, press.admin.user, now);
    let segment = platform.table().commit(&press.grant, change).await.expect("a segment");
    let later = (now + SignedDuration::from_hours(1)).to_string();
    let campaign = press.launched(json!({"target_audience": null, "segment_id": id, "scheduled_at": later})).await;
    platform.table().commit(&press.grant, segment.delete(now)).await.expect("it is deleted");
    press.wait(SignedDuration::from_mins(61)).await;
    let failed = press.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("unknown_segment")));
}

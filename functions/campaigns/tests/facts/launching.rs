//! A campaign reaches everybody whom it is for, once, when it is to.

use domain::outreach::{QuietHours, SettingsPatch, SuppressionDetails, SuppressionReason};
use domain::{ContactAddress, ContactChannel, Role, Suppression};
use jiff::SignedDuration;
use jiff::civil::time;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::Press;

#[tokio::test]
async fn everybody_whom_it_is_for_gets_one_message_filled_in_for_them() {
    let press = Press::new().await;
    let leads = press.leads(5).await;
    press.a_lead("Silent", false, false).await;
    press.settle().await;
    let campaign = press.a_campaign(json!({})).await;
    let launched = press.launch(&campaign).await;
    assert_eq!(launched.data(200)["recipients_count"], 6);
    let beside = launched.json();
    assert_eq!((&beside["success"], &beside["recipients_count"]), (&json!(true), &json!(6)), "beside the data, too");
    assert_eq!(beside["campaign_id"], json!(campaign));
    press.settle().await;
    let outbox = press.outbox();
    assert_eq!(outbox.len(), leads.len());
    for (number, lead) in leads.iter().enumerate() {
        let address = lead.email.as_ref().expect("an address").to_string();
        let [message] = &outbox[&address][..] else { panic!("one message to {address}") };
        assert_eq!(message.subject, format!("Hello Lead{number}"));
        let raw = String::from_utf8_lossy(&message.raw);
        assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{raw}");
    }
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["total_recipients"], &stats["sent"], &stats["pending"]), (&json!(6), &json!(5), &json!(0)));
    assert_eq!(stats["refused"], json!({"no_address": 1}));
    press.minutes(1).await;
    assert_eq!(press.status(&campaign).await, "completed");
    // They stand on the timelines of those whom they went to.
    for one in press.said(&campaign).await {
        assert!(leads.iter().any(|lead| Some(lead.id) == one.lead_id));
    }
}

#[tokio::test]
async fn a_status_launches_it_once() {
    let press = Press::new().await;
    press.leads(3).await;
    let campaign = press.a_campaign(json!({})).await;
    let path = format!("/campaigns/{campaign}");
    let body = json!({"name": "Updated Campaign Name", "status": "active"});
    let launched = press.ask(Ask::put(&path, body.clone())).await.data(200);
    assert_eq!((&launched["status"], &launched["name"]), (&json!("active"), &json!("Updated Campaign Name")));
    // The same again, and a launch, launch it no second time.
    press.ask(Ask::put(&path, body)).await.data(200);
    let again = press.launch(&campaign).await;
    assert_eq!(again.expect(409).json()["code"], "wrong_status");
    press.settle().await;
    press.minutes(2).await;
    assert!(press.outbox().values().all(|messages| messages.len() == 1));
    let again = press.ask(Ask::put(&path, json!({"status": "active"}))).await;
    assert_eq!(again.expect(409).json()["status"], "completed");
    let stays = press.ask(Ask::put(&path, json!({"subject": "Other"}))).await;
    assert_eq!(stays.expect(422).wrong(), [("content".to_owned(), "has_begun".to_owned())]);
}

#[tokio::test]
async fn it_begins_at_its_time_in_the_organizations_zone() {
    let press = Press::new().await;
    press.leads(2).await;
    let now = press.world.clock.timestamp();
    let kolkata = jiff::tz::TimeZone::get("Asia/Kolkata").expect("a zone");
    let local = (now + SignedDuration::from_hours(2)).to_zoned(kolkata).datetime();
    let campaign = press.launched(json!({"scheduled_at": local.to_string()})).await;
    assert_eq!(press.status(&campaign).await, "scheduled");
    press.wait(SignedDuration::from_mins(119)).await;
    assert_eq!(press.outbox().len(), 0);
    press.wait(SignedDuration::from_mins(2)).await;
    assert_eq!(press.outbox().len(), 2);
}

#[tokio::test]
async fn whoever_objects_gets_nothing_and_is_counted_by_the_reason() {
    let press = Press::new().await;
    let leads = press.leads(4).await;
    let (table, key) = (press.world.platform.table(), press.world.platform.table().hash_key());
    for (lead, reason) in [(&leads[0], SuppressionReason::Unsubscribe), (&leads[1], SuppressionReason::Complaint)] {
        let address = ContactAddress::Email(lead.email.clone().expect("an address"));
        let contact = key.reachability_id(press.tenant.organization, &address);
        let id = key.suppression_id(contact, ContactChannel::Email);
        let details = SuppressionDetails {
            address: Some(address),
            channel: ContactChannel::Email,
            reason,
            note: None,
            expires_at: None,
            by: None,
        };
        let (organization, now) = (press.tenant.organization, press.world.platform.now());
        let change = Suppression::suppress(None, id, organization, contact, details, now);
        table.commit(&press.grant, change).await.expect("a suppression");
    }
    let campaign = press.launched(json!({})).await;
    press.settle().await;
    assert_eq!(press.outbox().len(), 2);
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["total_recipients"], &stats["sent"]), (&json!(4), &json!(2)));
    assert_eq!(stats["refused"], json!({"suppressed": 1, "unsubscribed": 1}));
    let refused = press.get(&format!("/campaigns/{campaign}/recipients?state=refused")).await;
    let mut reasons: Vec<&str> = refused["recipients"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["reason"].as_str().expect("a reason"))
        .collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["suppressed", "unsubscribed"]);
}

#[tokio::test]
async fn whoever_sleeps_is_written_to_when_their_quiet_hours_end() {
    let press = Press::new().await;
    press.leads(2).await;
    let quiet = QuietHours { from: time(0, 0, 0, 0), to: time(23, 59, 0, 0) };
    press.settings(SettingsPatch { quiet_hours: Some(Some(quiet)), ..SettingsPatch::default() }).await;
    let campaign = press.launched(json!({})).await;
    press.settle().await;
    assert_eq!(press.outbox().len(), 0);
    assert_eq!(press.stats(&campaign).await["pending"], 2);
    press.settings(SettingsPatch { quiet_hours: Some(None), ..SettingsPatch::default() }).await;
    for _ in 0..30 {
        press.wait(SignedDuration::from_hours(1)).await;
    }
    assert_eq!(press.outbox().len(), 2);
    assert_eq!(press.status(&campaign).await, "completed");
}

#[tokio::test]
async fn nobody_beyond_the_launchers_reach_is_written_to() {
    let press = Press::new().await;
    let manager = press.world.a_person(&press.tenant, Role::Manager, press.tenant.branch).await;
    press.a_lead("Near", true, false).await;
    press.a_lead_in("Far", (true, false), press.tenant.other_branch, None, json!({})).await;
    let body = json!({"name": "Ours", "type": "email", "subject": "Hi", "content": "Hello", "target_audience": "all"});
    let made = Ask::post("/campaigns", body).by(&manager).of(&press.router).await.data(201);
    let campaign = made["id"].as_str().expect("an id");
    let launch = Ask::post(format!("/campaigns/{campaign}/launch"), json!({})).by(&manager).of(&press.router).await;
    assert_eq!(launch.data(200)["recipients_count"], 1);
    press.settle().await;
    assert_eq!(press.outbox().keys().collect::<Vec<_>>(), ["near@example.com"]);
}

#[tokio::test]
async fn segments_criteria_and_lists_choose_whom_it_is_for() {
    let press = Press::new().await;
    let mut leads = Vec::new();
    for (number, city) in ["Pune", "Nagpur", "Delhi"].into_iter().enumerate() {
        let custom = json!({"region": city});
        let name = format!("Lead{number}");
        leads.push(press.a_lead_in(&name, (true, true), press.tenant.branch, None, custom).await);
    }
    let criteria = press.launched(json!({"target_audience": {"region": ["Pune", "Nagpur"]}})).await;
    press.settle().await;
    assert_eq!(press.recipients(&criteria).await.len(), 2);
    let listed = press.launched(json!({"target_audience": null, "lead_ids": [leads[2].id]})).await;
    press.settle().await;
    assert_eq!(press.recipients(&listed).await.iter().map(|one| one.lead).collect::<Vec<_>>(), [leads[2].id]);
    let unknown =
        press.a_campaign(json!({"target_audience": null, "segment_id": "seg_00000000000000000000000001"})).await;
    assert_eq!(
        press.launch(&unknown).await.expect(422).wrong(),
        [("segment_id".to_owned(), "unknown_segment".to_owned())]
    );
}

#[tokio::test]
async fn who_becomes_a_lead_later_is_not_in_it() {
    let press = Press::new().await;
    press.leads(3).await;
    let campaign = press.launched(json!({"throttle_per_minute": 1})).await;
    press.settle().await;
    press.world.clock.advance(SignedDuration::from_secs(1));
    press.a_lead("Late", true, true).await;
    press.minutes(6).await;
    assert_eq!(press.outbox().len(), 3);
    assert_eq!(press.status(&campaign).await, "completed");
}

#[tokio::test]
async fn its_throttle_is_kept_by_the_minute() {
    let press = Press::new().await;
    press.leads(5).await;
    let campaign = press.launched(json!({"throttle_per_minute": 2})).await;
    press.settle().await;
    let mut sent = vec![press.outbox().len()];
    for _ in 0..3 {
        press.minutes(1).await;
        sent.push(press.outbox().len());
    }
    assert_eq!(sent, [2, 4, 5, 5]);
    assert_eq!(press.stats(&campaign).await["sent"], Value::from(5));
}

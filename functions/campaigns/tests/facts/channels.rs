//! Each person is written to over the first channel that reaches them.

use domain::message::UNKNOWN;
use domain::{CommunicationStatus, CommunicationType};
use serde_json::json;

use crate::support::Press;

#[tokio::test]
async fn whoever_has_no_address_is_reached_over_the_next_channel() {
    let press = Press::new().await;
    press.a_lead("Both", true, true).await;
    press.a_lead("Phone", false, true).await;
    press.a_lead("None", false, false).await;
    let campaign = press.launched(json!({"channels": ["email", "sms"], "type": "multi_channel"})).await;
    press.settle().await;
    let mut kinds: Vec<_> = press.said(&campaign).await.iter().map(|one| one.kind.to_string()).collect();
    kinds.sort();
    assert_eq!(kinds, ["email", "sms"]);
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["sent"], &stats["refused"]), (&json!(2), &json!({"no_address": 1})));
}

#[tokio::test]
async fn what_got_nowhere_goes_over_the_next_channel_once() {
    let press = Press::new().await;
    press.leads(2).await;
    let campaign = press.launched(json!({"channels": ["email", "sms"], "max_error_percent": 100})).await;
    press.settle().await;
    let said = press.said(&campaign).await;
    assert_eq!(said.len(), 2);
    for _ in 0..2 {
        press.report(&said[0], CommunicationStatus::Failed).await;
        press.settle().await;
    }
    let said = press.said(&campaign).await;
    let texts: Vec<_> = said.iter().filter(|one| one.kind == CommunicationType::Sms).collect();
    let [text] = &texts[..] else { panic!("one text message") };
    assert!(said.iter().any(|one| one.replaced_by == Some(text.id)));
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["sent"], &stats["failed"], &stats["total_recipients"]), (&json!(2), &json!(0), &json!(2)));
    let recipient = press.recipients(&campaign).await.into_iter().find(|one| one.communication == Some(text.id));
    assert_eq!(recipient.expect("its recipient").passed[0].1, "failed");
    // Where there is no channel left, it stays so.
    press.report(text, CommunicationStatus::Failed).await;
    press.settle().await;
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["sent"], &stats["failed"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn what_may_have_got_there_goes_over_no_other_channel() {
    let press = Press::new().await;
    press.leads(1).await;
    let campaign = press.launched(json!({"channels": ["email", "sms"], "max_error_percent": 100})).await;
    press.settle().await;
    let (table, now) = (press.world.platform.table(), press.world.platform.now());
    let [said] = &press.said(&campaign).await[..] else { panic!("one message") };
    let given_up = said.clone().failed(UNKNOWN, now).expect("nobody knows");
    let given_up = table.commit(&press.grant, given_up).await.expect("it is given up");
    press.settle().await;
    let [said] = &press.said(&campaign).await[..] else { panic!("one message") };
    assert_eq!((said.replaced_by, said.is_in_doubt()), (None, true));
    assert_eq!(press.stats(&campaign).await["failed"], 1);
    // Its provider tells of it after all.
    let carried = given_up.carried.clone().expect("it has it");
    table.commit(&press.grant, given_up.sent(carried, now, now)).await.expect("it went out");
    press.settle().await;
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["sent"], &stats["failed"]), (&json!(1), &json!(0)));
    assert_eq!(press.said(&campaign).await.len(), 1);
}

#[tokio::test]
async fn a_call_that_takes_the_place_of_a_message_asks_its_owner_too() {
    let press = Press::new().await;
    let lead = press.a_lead("Both", true, true).await;
    let unowned = press.a_lead_in("Nobodys", (true, true), press.tenant.branch, None, json!({})).await;
    let campaign = press.launched(json!({"channels": ["email", "phone"], "max_error_percent": 100})).await;
    press.settle().await;
    for mail in press.said(&campaign).await {
        press.report(&mail, CommunicationStatus::Failed).await;
        press.settle().await;
    }
    let said = press.said(&campaign).await;
    let calls: Vec<_> = said.iter().filter(|one| one.kind == CommunicationType::Call).collect();
    let [call] = &calls[..] else { panic!("one call") };
    assert_eq!((call.lead_id, call.user_id), (Some(lead.id), press.agent.user));
    let reminders = press.reminders().await;
    let [reminder] = &reminders[..] else { panic!("one reminder") };
    assert_eq!((reminder.agent, reminder.lead_id), (press.agent.user, Some(lead.id)));
    // Whom nobody would call got nothing further, and it stays with what failed.
    assert!(said.iter().any(|one| one.lead_id == Some(unowned.id) && one.replaced_by.is_none()));
}

#[tokio::test]
async fn a_campaign_by_phone_asks_people_to_call() {
    let press = Press::new().await;
    let lead = press.a_lead("Called", false, true).await;
    press.a_lead_in("Nobodys", (false, true), press.tenant.branch, None, json!({})).await;
    let campaign = press.launched(json!({"type": "phone", "content": "Ask about the fellowship."})).await;
    press.settle().await;
    let said = press.said(&campaign).await;
    let [call] = &said[..] else { panic!("one call") };
    assert_eq!((call.kind, call.lead_id), (CommunicationType::Call, Some(lead.id)));
    assert_eq!((call.status, call.user_id), (CommunicationStatus::Scheduled, press.agent.user));
    let reminders = press.reminders().await;
    assert_eq!(reminders.len(), 1);
    assert_eq!((reminders[0].agent, reminders[0].lead_id), (press.agent.user, Some(lead.id)));
    assert_eq!(press.stats(&campaign).await["refused"], json!({"no_owner": 1}));
    // Whoever called says so.
    let table = press.world.platform.table();
    let patch = domain::communication::CommunicationPatch {
        status: Some(CommunicationStatus::Completed),
        ..domain::communication::CommunicationPatch::default()
    };
    let done = call.clone().update(patch, press.world.platform.now()).expect("a change");
    table.commit(&press.grant, done).await.expect("it is told");
    press.settle().await;
    let stats = press.stats(&campaign).await;
    assert_eq!((&stats["sent"], &stats["delivered"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn marketing_counts_against_the_cap_of_whom_it_goes_to() {
    let press = Press::new().await;
    press.leads(2).await;
    let caps = domain::outreach::Caps { email: Some(1), ..domain::outreach::Caps::default() };
    let patch = domain::outreach::SettingsPatch { caps: Some(caps), ..domain::outreach::SettingsPatch::default() };
    press.settings(patch).await;
    press.launched(json!({})).await;
    press.settle().await;
    let second = press.launched(json!({})).await;
    press.settle().await;
    assert_eq!(press.stats(&second).await["refused"], json!({"frequency_cap": 2}));
    assert!(press.outbox().values().all(|messages| messages.len() == 1));
}

//! Whoever objects, sleeps or was written to often enough gets no message of an automation.

use domain::automation::{RunStatus, StepOutcome, TriggerType};
use domain::outreach::{Caps, SettingsPatch, Suppression, SuppressionDetails, SuppressionReason};
use domain::{CommunicationSettings, ContactAddress, ContactChannel, Lead};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::Office;

async fn set(office: &Office, patch: SettingsPatch) {
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    let settings = CommunicationSettings::new(office.tenant.organization, now);
    let change = settings.update(patch, now).expect("settings");
    table.commit(&office.grant, change).await.expect("settings");
}

async fn suppress(office: &Office, lead: &Lead, reason: SuppressionReason) {
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    let address = ContactAddress::Email(lead.email.clone().expect("an address"));
    let contact = table.hash_key().reachability_id(office.tenant.organization, &address);
    let channel = ContactChannel::Email;
    let id = table.hash_key().suppression_id(contact, channel);
    let details =
        SuppressionDetails { address: Some(address), channel, reason, note: None, expires_at: None, by: None };
    let change = Suppression::suppress(None, id, office.tenant.organization, contact, details, now);
    table.commit(&office.grant, change).await.expect("a suppression");
}

fn mail(purpose: &str) -> Value {
    json!([{"type": "wait", "delay": 60}, {"type": "send_email", "subject": "Hello", "message": "Hello", "purpose": purpose}])
}

#[tokio::test]
async fn a_refused_message_is_a_skipped_step_with_the_reason_and_is_counted() {
    let office = Office::new().await;
    let marketing = office.on(TriggerType::LeadCreated, Value::Null, mail("marketing")).await;
    let service = office.on(TriggerType::LeadCreated, Value::Null, mail("service")).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    suppress(&office, &lead, SuppressionReason::Unsubscribe).await;
    office.wait(SignedDuration::from_mins(2)).await;
    let runs = office.runs(&marketing).await;
    let step = &runs[0].results[1];
    assert_eq!((step.outcome, step.detail.as_deref()), (StepOutcome::Skipped, Some("unsubscribed")));
    assert_eq!(runs[0].status, RunStatus::Completed);
    assert_eq!(office.runs(&service).await[0].results[1].outcome, StepOutcome::Done, "a receipt is no marketing");
    assert_eq!(office.messages().await.len(), 1);
    let today = office.world.platform.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let table = office.world.platform.table();
    let counted = table.counts_by_day(&office.grant, domain::message::REFUSED, today, today).await.expect("figures");
    assert_eq!(counted.iter().map(|row| (row.dimension.as_str(), row.n)).collect::<Vec<_>>(), [("unsubscribed", 1)]);
}

#[tokio::test]
async fn marketing_waits_for_the_morning_of_whom_it_goes_to() {
    let office = Office::new().await;
    let workflow = office.on(TriggerType::LeadCreated, Value::Null, mail("marketing")).await;
    // Half past three in the afternoon in Pune, five in the morning in New York.
    office.a_lead("Asha Example", json!({})).await;
    office.a_lead("Nia Example", json!({"time_zone": "America/New_York"})).await;
    office.settle().await;
    office.wait(SignedDuration::from_mins(2)).await;
    assert_eq!(office.messages().await.len(), 1);
    assert_eq!(office.runs(&workflow).await.iter().filter(|run| run.status == RunStatus::Waiting).count(), 1);
    office.wait(SignedDuration::from_hours(3)).await;
    assert_eq!(office.messages().await.len(), 1, "eight in the morning");
    office.wait(SignedDuration::from_hours(1)).await;
    assert_eq!(office.messages().await.len(), 2);
    assert!(office.runs(&workflow).await.iter().all(|run| run.status == RunStatus::Completed));
}

#[tokio::test]
async fn nobody_is_written_to_more_often_than_the_cap_however_many_runs_there_are() {
    let office = Office::new().await;
    let caps = Caps { email: Some(2), ..Caps::default() };
    set(&office, SettingsPatch { caps: Some(caps), ..SettingsPatch::default() }).await;
    let mut workflows = Vec::new();
    for _ in 0..5 {
        workflows.push(office.on(TriggerType::LeadCreated, Value::Null, mail("marketing")).await);
    }
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.world.clock.advance(SignedDuration::from_mins(2));
    // All at the same time, each twice.
    let mut bodies = Vec::new();
    for workflow in &workflows {
        bodies.push(office.message(&office.runs(workflow).await[0]));
    }
    let twice = bodies.iter().chain(&bodies).map(|body| async { office.bring(std::slice::from_ref(body)).await });
    futures::future::join_all(twice).await;
    office.wait(SignedDuration::from_mins(2)).await;
    assert_eq!(office.messages().await.len(), 2);
    let mut refused = 0;
    for workflow in &workflows {
        let step = office.runs(workflow).await[0].results[1].clone();
        refused += usize::from(step.detail.as_deref() == Some("frequency_cap"));
    }
    assert_eq!(refused, 3);
}

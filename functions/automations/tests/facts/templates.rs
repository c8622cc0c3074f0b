//! Each template does what its name says, from a real event on.

use domain::automation::{RunStatus, WorkflowTemplate};
use domain::reminder::OVERDUE_AFTER;
use domain::{CallOutcome, CallStatus, NotificationType, Reminder, ReminderType, Role, Rows};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::Office;

async fn from(office: &Office, template: WorkflowTemplate) -> domain::Workflow {
    let details = template.details(&office.pipeline().await.pipeline);
    office.write(details, Some(template), Rows::All).await
}

#[tokio::test]
async fn a_new_lead_gets_a_reminder_to_be_called() {
    let office = Office::new().await;
    let workflow = from(&office, WorkflowTemplate::NewLeadFollowUp).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    let [reminder] = &office.reminders().await[..] else { panic!("one reminder") };
    assert_eq!(reminder.title.as_str(), "Call Asha Example, a new lead");
    assert_eq!((reminder.agent, reminder.lead_id), (office.agent.user, Some(lead.id)));
    assert_eq!(reminder.due_at, office.world.platform.now() + SignedDuration::from_hours(1));
    let [run] = &office.runs(&workflow).await[..] else { panic!("one run") };
    assert_eq!((run.status, run.results[0].ids.clone()), (RunStatus::Completed, vec![reminder.id.to_string()]));
}

#[tokio::test]
async fn a_missed_call_is_tried_again_and_an_answered_one_is_not() {
    let office = Office::new().await;
    from(&office, WorkflowTemplate::MissedCallFollowUp).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.a_call(&lead, CallStatus::Completed, None).await;
    office.settle().await;
    assert!(office.reminders().await.is_empty());
    let call = office.a_call(&lead, CallStatus::NoAnswer, None).await;
    office.settle().await;
    let [reminder] = &office.reminders().await[..] else { panic!("one reminder") };
    assert_eq!((reminder.kind, reminder.call_id, reminder.lead_id), (ReminderType::Call, Some(call.id), Some(lead.id)));
    assert_eq!(reminder.due_at, office.world.platform.now() + SignedDuration::from_mins(30));
}

#[tokio::test]
async fn a_lead_that_showed_interest_moves_on_from_the_first_stage_alone() {
    let office = Office::new().await;
    from(&office, WorkflowTemplate::LeadQualification).await;
    let lead = office.a_lead("Asha Example", json!({})).await;
    office.a_call(&lead, CallStatus::Completed, Some(CallOutcome::NotInterested)).await;
    office.settle().await;
    assert_eq!(office.lead(lead.id).await.status.as_str(), "lead");
    for _ in 0..2 {
        office.a_call(&lead, CallStatus::Completed, Some(CallOutcome::Interested)).await;
        office.settle().await;
        assert_eq!(office.lead(lead.id).await.status.as_str(), "assessment");
    }
}

#[tokio::test]
async fn whoever_leaves_a_reminder_undone_is_told_and_so_is_their_manager_once() {
    let office = Office::new().await;
    from(&office, WorkflowTemplate::OverdueReminderAlert).await;
    let manager = office.world.a_person(&office.tenant, Role::Manager, office.tenant.branch).await;
    office.manage(manager.user).await.expect("a manager");
    from(&office, WorkflowTemplate::NewLeadFollowUp).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(SignedDuration::from_hours(1)).await;
    let alerts = async |user| {
        let told = office.told(user).await;
        told.into_iter().filter(|one| one.notice.title.as_str() == "Reminder overdue").collect::<Vec<_>>()
    };
    assert!(alerts(manager.user).await.is_empty(), "it is due, not overdue");
    for _ in 0..3 {
        office.wait(OVERDUE_AFTER).await;
    }
    for user in [office.agent.user, manager.user] {
        let [alert] = &alerts(user).await[..] else { panic!("one alert") };
        assert_eq!(alert.kind, NotificationType::Reminder);
        assert!(alert.notice.message.as_str().contains("Call Asha Example"), "{:?}", alert.notice);
    }
}

#[tokio::test]
async fn what_is_done_in_time_is_not_overdue() {
    let office = Office::new().await;
    let workflow = from(&office, WorkflowTemplate::OverdueReminderAlert).await;
    from(&office, WorkflowTemplate::NewLeadFollowUp).await;
    office.a_lead("Asha Example", json!({})).await;
    office.settle().await;
    office.wait(SignedDuration::from_hours(1)).await;
    let reminder: Reminder = office.reminders().await.remove(0);
    let (now, next) = (office.world.platform.now(), reminder.id);
    let done = reminder.complete(next, &jiff::tz::TimeZone::UTC, now).expect("it is done");
    office.world.platform.table().commit(&office.grant, done.change).await.expect("it is done");
    office.wait(OVERDUE_AFTER).await;
    assert!(office.runs(&workflow).await.is_empty());
}

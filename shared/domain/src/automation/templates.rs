//! Automations that nobody needs to write: the four of the tele-calling product.

use std::str::FromStr;

use serde_json::json;

use super::{Action, Conditions, Step, SubjectKind, TriggerType, Who, WorkflowDetails, WorkflowStatus};
use crate::pipeline::{Pipeline, StageKind};
use crate::values::{Label, Line, wire_enum};
use crate::{Invalid, Note, NotificationType, Priority, ReminderType};

wire_enum! {
    /// A template.
    WorkflowTemplate, "unknown_template",
    /// Each new lead gets a reminder to call them within the hour.
    NewLeadFollowUp = "new_lead_follow_up",
    /// A call that nobody answered is tried again half an hour later.
    MissedCallFollowUp = "missed_call_follow_up",
    /// A lead that showed interest on the phone moves on from the first stage.
    LeadQualification = "lead_qualification",
    /// Whoever left a reminder undone is told, and so is their manager.
    OverdueReminderAlert = "overdue_reminder_alert",
}

fn label(text: &'static str) -> Label {
    Label::known(text)
}

fn note(text: &'static str) -> Option<Note> {
    Note::from_str(text).ok()
}

impl WorkflowTemplate {
    /// Reads its name as people write it: `New Lead Follow-up`, `new-lead-follow-up`.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        let words = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        words.replace("followup", "follow_up").parse()
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NewLeadFollowUp => "New Lead Follow-up",
            Self::MissedCallFollowUp => "Missed Call Follow-up",
            Self::LeadQualification => "Lead Qualification",
            Self::OverdueReminderAlert => "Overdue Reminder Alert",
        }
    }

    /// What it does.
    pub const fn description(self) -> &'static str {
        match self {
            Self::NewLeadFollowUp => "Each new lead gets a reminder to call them within the hour.",
            Self::MissedCallFollowUp => "A call that nobody answered is tried again half an hour later.",
            Self::LeadQualification => "A lead that shows interest in a call moves on from the first stage.",
            Self::OverdueReminderAlert => "Whoever leaves a reminder undone is told, and so is their manager.",
        }
    }

    /// What an automation made from it is, in an organization with such a pipeline.
    pub fn details(self, pipeline: &Pipeline) -> WorkflowDetails {
        let (trigger, conditions, steps) = match self {
            Self::NewLeadFollowUp => (
                TriggerType::LeadCreated,
                Conditions::default(),
                vec![remind("Call {{ name }}, a new lead", 3_600, ReminderType::FollowUp)],
            ),
            Self::MissedCallFollowUp => (
                TriggerType::CallMissed,
                Conditions::default(),
                vec![remind("Call {{ name }} again", 1_800, ReminderType::Call)],
            ),
            Self::LeadQualification => {
                let first = pipeline.first().key.clone();
                let open = |stage: &&crate::pipeline::Stage| stage.kind == StageKind::Open && stage.key != first;
                let next = pipeline.stages().iter().find(open).map_or_else(|| first.clone(), |stage| stage.key.clone());
                let asked = json!({"outcome": ["interested", "converted"], "lead.status": first});
                let conditions =
                    Conditions::read(&asked, SubjectKind::Call, &jiff::tz::TimeZone::UTC).unwrap_or_default();
                let action =
                    Action::UpdateStatus { status: next, reason: Line::from_str("Interested on the phone").ok() };
                (TriggerType::CallCompleted, conditions, vec![Step::at_once(action)])
            }
            Self::OverdueReminderAlert => {
                let told = note("\"{{ title }}\" was due and is still to be done.").map(|message| {
                    Step::at_once(Action::SendNotification {
                        to: vec![Who::Owner, Who::Manager],
                        title: Line::known("Reminder overdue"),
                        message,
                        priority: Priority::High,
                        notification_type: NotificationType::Reminder,
                        channels: None,
                    })
                });
                (TriggerType::ReminderOverdue, Conditions::default(), told.into_iter().collect())
            }
        };
        WorkflowDetails {
            name: label(self.title()),
            description: note(self.description()),
            trigger,
            schedule: None,
            conditions,
            steps,
            status: WorkflowStatus::Active,
            rank: 1,
        }
    }
}

fn remind(title: &'static str, due_in: u32, kind: ReminderType) -> Step {
    Step::at_once(Action::CreateReminder {
        title: label(title),
        description: None,
        due_in,
        priority: Some(Priority::High),
        reminder_type: Some(kind),
        to: Who::Owner,
    })
}

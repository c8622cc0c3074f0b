//! What a step comes down to for one record: decided here, done by a worker, told by a dry run.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Action, Criteria, Plan, Seen, Step, Who, fill};
use crate::notification::{Channels, Notice};
use crate::outreach::Refusal;
use crate::pipeline::StageKey;
use crate::reminder::ReminderDetails;
use crate::template::{Body, Subject};
use crate::{
    CallId, ContactPurpose, HttpsUrl, Label, Lead, LeadId, NotificationType, PersonalFields, Priority, Recipient,
    UserId,
};

/// A subject has so many characters at most.
const SUBJECT_CHARS: usize = 255;
/// A text message holds so many characters.
const SMS_CHARS: usize = 160;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Make a reminder.
    Remind {
        /// What it says.
        details: Box<ReminderDetails>,
        /// Whose it is.
        to: Who,
        /// The lead it is about.
        lead: Option<LeadId>,
        /// The call it follows.
        call: Option<CallId>,
    },
    /// Move the lead.
    Move {
        /// Where to.
        to: StageKey,
        /// Why.
        reason: String,
    },
    /// Give the lead to somebody.
    Assign {
        /// To whom, where they are named.
        agent: Option<UserId>,
        /// By what somebody is chosen else.
        criteria: Criteria,
    },
    /// Tell people.
    Notify {
        /// Whom.
        to: Vec<Who>,
        /// What.
        notice: Box<Notice>,
        /// How urgent it is.
        priority: Priority,
        /// What it is about.
        kind: NotificationType,
        /// Over which channels, in the place of what is usual for the type.
        channels: Option<Channels>,
    },
    /// Write to the lead.
    Send(Box<Sending>),
    /// Tell a machine.
    Call {
        /// Its address.
        url: HttpsUrl,
        /// What it is told.
        payload: Value,
    },
    /// Wait until then.
    Wait {
        /// Until when.
        until: Timestamp,
    },
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// Where to.
    pub to: Recipient,
    /// What it is about, of an e-mail.
    pub subject: Option<Subject>,
    /// What it says.
    pub content: Body,
    /// What for.
    pub purpose: ContactPurpose,
    /// Whose address or number it is.
    pub lead: LeadId,
    /// Their zone, where a free field of theirs tells it.
    pub zone: Option<String>,
}

/// The free fields of a lead that may name its zone.
const ZONES: [&str; 2] = ["time_zone", "timezone"];

impl Sending {
    fn to(lead: &Lead, to: Recipient, words: (Option<&str>, &str), purpose: ContactPurpose) -> Result<Self, Unfit> {
        let (subject, content) = words;
        let content = content.parse().map_err(|_| Unfit::new("empty_text"))?;
        let subject = subject.map(|subject| subject.chars().take(SUBJECT_CHARS).collect::<String>().parse());
        let subject = subject.transpose().map_err(|_| Unfit::new("empty_text"))?;
        let zone = ZONES.iter().find_map(|field| lead.custom_fields.get(field)?.as_str().map(str::to_owned));
        Ok(Self { to, subject, content, purpose, lead: lead.id, zone })
    }
}

/// A step that cannot be done for this record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfit {
    /// Stable, part of the API.
    pub code: &'static str,
    /// Whether that is as it should be: there is nothing to be done.
    pub needless: bool,
    /// Whether a message was not sent because whom it goes to may not be written to: such are counted.
    #[serde(skip)]
    pub refused: bool,
}

impl Unfit {
    /// For this reason.
    pub const fn new(code: &'static str) -> Self {
        Self { code, needless: false, refused: false }
    }

    /// There is nothing to be done, for this reason.
    pub const fn needless(code: &'static str) -> Self {
        Self { code, needless: true, refused: false }
    }

    /// Whom a message goes to may not be written to.
    pub const fn refused(refusal: Refusal) -> Self {
        Self { code: refusal.as_str(), needless: true, refused: true }
    }
}

/// What a step comes down to for a record that was seen so; `view` is what its texts are filled from.
pub fn intend(plan: &Plan, step: &Step, seen: &Seen, view: &Value, now: Timestamp) -> Result<Intent, Unfit> {
    let lead = seen.lead.as_ref();
    let lead_id = lead.map(|lead| lead.id);
    match &step.action {
        Action::CreateReminder { title, description, due_in, priority, reminder_type, to } => {
            let text = |text: &str, most: usize| fill(text, view).chars().take(most).collect::<String>();
            let title: Label = text(title.as_str(), 120).parse().map_err(|_| Unfit::new("empty_text"))?;
            let description = description.as_ref().and_then(|words| text(words.as_str(), 5_000).parse().ok());
            let due_at = now + SignedDuration::from_secs((*due_in).into());
            let details =
                ReminderDetails { title, description, due_at, priority: *priority, kind: *reminder_type, repeat: None };
            let of_reminder = seen.reminder.as_ref().and_then(|reminder| reminder.call_id);
            let call = seen.call.as_ref().map(|call| call.id).or(of_reminder);
            Ok(Intent::Remind { details: Box::new(details), to: *to, lead: lead_id, call })
        }
        Action::UpdateStatus { status, reason } => {
            if lead.ok_or(Unfit::new("no_lead"))?.status == *status {
                return Err(Unfit::needless("already_there"));
            }
            let usual = format!("Automation: {}", plan.name);
            let reason = reason.as_ref().map_or(usual, |reason| fill(reason.as_str(), view));
            Ok(Intent::Move { to: status.clone(), reason })
        }
        Action::Assign { agent, criteria, reassign } => {
            let lead = lead.ok_or(Unfit::new("no_lead"))?;
            if lead.assigned_to.is_some() && !reassign {
                return Err(Unfit::needless("already_assigned"));
            }
            if agent.is_some() && lead.assigned_to == *agent {
                return Err(Unfit::needless("already_there"));
            }
            Ok(Intent::Assign { agent: *agent, criteria: *criteria })
        }
        Action::SendNotification { to, title, message, priority, notification_type, channels } => {
            let (title, message) = (fill(title.as_str(), view), fill(message.as_str(), view));
            let mut notice = Notice::of_ours(&title, &message).ok_or(Unfit::new("empty_text"))?;
            notice.lead_id = lead_id;
            let path = match (&seen.reminder, lead_id) {
                (Some(reminder), _) => Some(format!("/reminders/{}", reminder.id)),
                (None, Some(lead)) => Some(format!("/leads/{lead}")),
                (None, None) => None,
            };
            notice.action_url = path.and_then(|path| path.parse().ok());
            let (priority, kind, channels) = (*priority, *notification_type, channels.clone());
            Ok(Intent::Notify { to: to.clone(), notice: Box::new(notice), priority, kind, channels })
        }
        Action::SendEmail { subject, message, purpose } => {
            let lead = lead.ok_or(Unfit::new("no_lead"))?;
            let address = lead.email.clone().ok_or(Unfit::new("no_email"))?;
            let (subject, content) = (fill(subject.as_str(), view), fill(message.as_str(), view));
            let words = (Some(subject.as_str()), content.as_str());
            Ok(Intent::Send(Box::new(Sending::to(lead, Recipient::Email(address), words, *purpose)?)))
        }
        Action::SendSms { message, purpose } => {
            let lead = lead.ok_or(Unfit::new("no_lead"))?;
            let number = lead.phone.clone().ok_or(Unfit::new("no_phone"))?;
            let text: String = fill(message.as_str(), view).chars().take(SMS_CHARS).collect();
            Ok(Intent::Send(Box::new(Sending::to(lead, Recipient::Sms(number), (None, &text), *purpose)?)))
        }
        Action::CallWebhook { url } => {
            let payload = json!({"workflow_id": plan.workflow, "workflow": plan.name, "record": view});
            Ok(Intent::Call { url: url.clone(), payload })
        }
        Action::Wait { seconds } => Ok(Intent::Wait { until: now + SignedDuration::from_secs((*seconds).into()) }),
    }
}

impl Intent {
    /// What would be done, for a dry run; addresses and numbers as whoever asks sees them.
    pub fn told(&self, clear: PersonalFields) -> Value {
        match self {
            Self::Remind { details, to, lead, call } => json!({
                "title": details.title, "due_at": details.due_at, "to": to, "lead_id": lead, "call_id": call,
            }),
            Self::Move { to, reason } => json!({"status": to, "reason": reason}),
            Self::Assign { agent, criteria } => json!({"agentId": agent, "criteria": criteria}),
            Self::Notify { to, notice, priority, kind, channels } => json!({
                "to": to, "title": notice.title, "message": notice.message, "priority": priority, "type": kind,
                "channels": channels,
            }),
            Self::Send(sending) => {
                let channel = sending.to.channel();
                let address = match &sending.to {
                    Recipient::Email(address) => clear.email(address),
                    Recipient::Sms(number) | Recipient::Whatsapp(number) => clear.phone(number),
                    Recipient::Push(device) => device.to_string(),
                };
                let content = json!({"subject": sending.subject, "message": sending.content});
                json!({"channel": channel, "to": address, "content": content})
            }
            Self::Call { url, payload } => json!({"url": url, "payload": payload}),
            Self::Wait { until } => json!({"until": until}),
        }
    }
}

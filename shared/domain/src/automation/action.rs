//! What an automation does, step by step, and how a step is read.

use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::conditions::Conditions;
use super::{MAX_DELAY, SubjectKind};
use crate::notification::Channels;
use crate::pipeline::StageKey;
use crate::{
    ContactPurpose, FieldInvalid, HttpsUrl, Invalid, Label, Line, Note, NotificationType, Permission, Priority,
    ReminderType, RoleKey, UserId,
};

/// At most so many people are told by one step.
pub const MAX_TOLD: usize = 20;

/// Somebody in relation to what an automation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whose call, reminder or lead it is; whoever last wrote the automation, where it is nobody's.
    Owner,
    /// The manager of its owner.
    Manager,
    /// Whoever last wrote the automation.
    Author,
    /// This person.
    User(UserId),
    /// Those of a role who work where it is or reach every branch: only for being told, at most [`MAX_TOLD`] of them.
    Role(RoleKey),
}

impl FromStr for Who {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim() {
            "owner" | "assigned_to" | "agent" | "counselor" => Ok(Self::Owner),
            "manager" => Ok(Self::Manager),
            "author" => Ok(Self::Author),
            text => {
                let unknown = || {
                    let message = "must be owner, manager, author, a user's id, or role: and a role's key";
                    Invalid::new("unknown_recipient", message)
                };
                match text.strip_prefix("role:") {
                    Some(role) => role.parse().map(Self::Role).map_err(|_| unknown()),
                    None => text.parse().map(Self::User).map_err(|_| unknown()),
                }
            }
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Manager => f.write_str("manager"),
            Self::Author => f.write_str("author"),
            Self::User(id) => std::fmt::Display::fmt(id, f),
            Self::Role(role) => write!(f, "role:{role}"),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// By what a person is chosen for a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criteria {
    /// Whose turn it is in the assignment pool.
    RoundRobin,
    /// Whoever of the pool has the lead's specialization, course or qualification as department or designation, the one
    /// with the fewest open leads; where nobody has, whose turn it is.
    Specialization,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Makes a reminder.
    CreateReminder {
        /// What of.
        title: Label,
        /// And in more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<Note>,
        /// In how many seconds it is due.
        due_in: u32,
        /// How urgent it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<Priority>,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reminder_type: Option<ReminderType>,
        /// Whose it is.
        to: Who,
    },
    /// Moves the lead to another stage.
    UpdateStatus {
        /// The stage.
        status: StageKey,
        /// Why; the automation's name where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Line<255>>,
    },
    /// Gives the lead to somebody.
    Assign {
        /// To whom; by the criteria where it is absent.
        #[serde(default, rename = "agentId", skip_serializing_if = "Option::is_none")]
        agent: Option<UserId>,
        /// By what somebody is chosen.
        criteria: Criteria,
        /// Whether a lead that somebody has is given to another.
        #[serde(default)]
        reassign: bool,
    },
    /// Tells people inside the product.
    SendNotification {
        /// Whom.
        to: Vec<Who>,
        /// One line.
        title: Line<255>,
        /// The rest.
        message: Note,
        /// How urgent it is.
        priority: Priority,
        /// What it is about.
        notification_type: NotificationType,
        /// Over which channels, in the place of what is usual for the type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channels: Option<Channels>,
    },
    /// Writes to the lead by e-mail.
    SendEmail {
        /// One line.
        subject: Line<255>,
        /// The text.
        message: Note,
        /// What for: whoever wants no marketing gets none.
        #[serde(default = "marketing")]
        purpose: ContactPurpose,
    },
    /// Writes to the lead by text message.
    SendSms {
        /// The text; what is beyond one message is cut.
        message: Note,
        /// What for.
        #[serde(default = "marketing")]
        purpose: ContactPurpose,
    },
    /// Tells a machine elsewhere.
    CallWebhook {
        /// Its address.
        url: HttpsUrl,
    },
    /// Waits.
    Wait {
        /// So many seconds from when it is reached.
        seconds: u32,
    },
}

/// What a message is for of which nobody said what for: what asks most of its sender.
const fn marketing() -> ContactPurpose {
    ContactPurpose::Marketing
}

impl Action {
    /// Its name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CreateReminder { .. } => "create_reminder",
            Self::UpdateStatus { .. } => "update_status",
            Self::Assign { .. } => "assign",
            Self::SendNotification { .. } => "send_notification",
            Self::SendEmail { .. } => "send_email",
            Self::SendSms { .. } => "send_sms",
            Self::CallWebhook { .. } => "call_webhook",
            Self::Wait { .. } => "wait",
        }
    }

    /// The people it names, with the field that does.
    pub fn people(&self) -> Vec<(&'static str, UserId)> {
        let named = |who: &Who| match who {
            Who::User(user) => Some(*user),
            Who::Owner | Who::Manager | Who::Author | Who::Role(_) => None,
        };
        match self {
            Self::CreateReminder { to, .. } => named(to).map(|user| ("to", user)).into_iter().collect(),
            Self::Assign { agent, .. } => agent.map(|user| ("agentId", user)).into_iter().collect(),
            Self::SendNotification { to, .. } => to.iter().filter_map(named).map(|user| ("to", user)).collect(),
            Self::UpdateStatus { .. }
            | Self::SendEmail { .. }
            | Self::SendSms { .. }
            | Self::CallWebhook { .. }
            | Self::Wait { .. } => Vec::new(),
        }
    }

    /// The roles it names, with the field that does.
    pub fn roles(&self) -> impl Iterator<Item = (&'static str, RoleKey)> {
        let to: &[Who] = match self {
            Self::SendNotification { to, .. } => to,
            _ => &[],
        };
        to.iter().filter_map(|who| match who {
            Who::Role(role) => Some(("to", *role)),
            Who::Owner | Who::Manager | Who::Author | Who::User(_) => None,
        })
    }

    /// What somebody must be permitted who has it done; nobody gets from an automation what they lack.
    pub const fn needs(&self) -> Option<Permission> {
        match self {
            Self::CreateReminder { .. } => Some(Permission::RemindersWrite),
            Self::Assign { .. } => Some(Permission::LeadsAssign),
            Self::SendNotification { .. } => Some(Permission::NotificationsWrite),
            Self::UpdateStatus { .. } | Self::SendEmail { .. } | Self::SendSms { .. } => Some(Permission::LeadsWrite),
            // It carries what is known of a lead to the outside.
            Self::CallWebhook { .. } => Some(Permission::LeadsExport),
            Self::Wait { .. } => None,
        }
    }
}

/// One step: what it does, when, and for what records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// It is done no earlier than so many seconds after the run began.
    #[serde(default)]
    pub delay: u32,
    /// What the record must be like when the step is reached; else it is passed over.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}

impl Step {
    /// A step done at once, for any record.
    pub fn at_once(action: Action) -> Self {
        Self { delay: 0, conditions: Conditions::default(), action }
    }

    /// The step as people write it.
    pub fn written(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if !self.conditions.is_empty() {
            value["conditions"] = self.conditions.written();
        }
        value
    }

    /// Reads a step of an automation about such records. Every wrong field is named.
    pub fn read(value: &Value, subject: SubjectKind, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let Value::Object(object) = value else {
            return Err(vec![FieldInvalid::new("", Invalid::new("not_object", "must be an object with a type"))]);
        };
        let mut reader = Reader { object, wrong: Vec::new() };
        let delay = reader.seconds(&["delay"], MAX_DELAY);
        let action = reader.action(delay.unwrap_or(0));
        let conditions = match object.get("conditions") {
            None => Conditions::default(),
            Some(value) => Conditions::read(value, subject, zone).unwrap_or_else(|errors| {
                reader.wrong.extend(errors.into_iter().map(|error| error.within("conditions")));
                Conditions::default()
            }),
        };
        let waits = matches!(action, Some(Action::Wait { .. }));
        match action {
            Some(action) if reader.wrong.is_empty() => {
                let delay = if waits { 0 } else { delay.unwrap_or(0) };
                Ok(Self { delay, conditions, action })
            }
            _ => Err(reader.wrong),
        }
    }
}

struct Reader<'v> {
    object: &'v Map<String, Value>,
    wrong: Vec<FieldInvalid>,
}

impl Reader<'_> {
    fn refuse(&mut self, field: &str, code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) {
        self.wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
    }

    /// The first of these fields that is there and not null.
    fn first(&self, names: &[&'static str]) -> Option<(&'static str, &Value)> {
        names.iter().find_map(|name| Some((*name, self.object.get(*name).filter(|value| !value.is_null())?)))
    }

    fn optional<T: FromStr<Err = Invalid>>(&mut self, names: &[&'static str]) -> Option<T> {
        let (name, value) = self.first(names)?;
        let read = match value {
            Value::String(text) => text.parse(),
            _ => Err(Invalid::new("not_text", "must be text")),
        };
        read.map_err(|invalid| self.wrong.push(FieldInvalid::new(name, invalid))).ok()
    }

    fn required<T: FromStr<Err = Invalid>>(&mut self, names: &[&'static str]) -> Option<T> {
        if self.first(names).is_none() {
            self.wrong.push(FieldInvalid::new(names[0], Invalid::required()));
        }
        self.optional(names)
    }

    fn seconds(&mut self, names: &[&'static str], most: u32) -> Option<u32> {
        let (name, value) = self.first(names)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most);
        if number.is_none() {
            self.refuse(name, "out_of_range", format!("must be a whole number of seconds, at most {most}"));
        }
        number
    }

    /// In how many seconds something is due, in seconds, minutes, hours or days.
    fn due_in(&mut self) -> u32 {
        let units: [(&'static str, u32); 4] =
            [("due_in", 1), ("due_in_minutes", 60), ("due_in_hours", 3_600), ("due_in_days", 86_400)];
        for (name, unit) in units {
            if self.first(&[name]).is_some() {
                return self.seconds(&[name], MAX_DELAY / unit).map_or(0, |number| number * unit);
            }
        }
        0
    }

    fn action(&mut self, delay: u32) -> Option<Action> {
        let word: Label = self.required(&["type", "action"])?;
        match word.as_str() {
            "create_reminder" => self.reminder(None),
            "create_follow_up" | "create_followup" | "follow_up" => self.reminder(Some(ReminderType::FollowUp)),
            "update_status" | "update_lead_status" => {
                let status = self.required(&["status", "stage"]);
                let reason = self.optional(&["reason"]);
                Some(Action::UpdateStatus { status: status?, reason })
            }
            "assign" | "assign_lead" | "assign_agent" | "assign_counselor" => {
                let agent = self.optional(&["agentId", "assigned_to", "user_id"]);
                let reassign = agent.is_some() || self.object.get("reassign").and_then(Value::as_bool).unwrap_or(false);
                Some(Action::Assign { agent, criteria: self.criteria()?, reassign })
            }
            "notify" | "send_notification" => self.notification(),
            "send_email" => self.email(),
            "send_sms" => self.sms(),
            "send_message" => match self.required::<Label>(&["channel"])?.as_str() {
                "email" => self.email(),
                "sms" => self.sms(),
                _ => {
                    self.refuse("channel", "unknown_channel", "must be email or sms");
                    None
                }
            },
            "call_webhook" | "webhook" => Some(Action::CallWebhook { url: self.required(&["url"])? }),
            "wait" | "delay" => {
                let seconds = self.seconds(&["seconds"], MAX_DELAY).unwrap_or(delay);
                if seconds == 0 && self.wrong.is_empty() {
                    self.refuse("delay", "required", "is required: how many seconds to wait");
                }
                Some(Action::Wait { seconds })
            }
            _ => {
                self.refuse(
                    "type",
                    "unknown_action",
                    "must be create_reminder, create_follow_up, update_status, assign, send_notification, send_email, \
                     send_sms, send_message, call_webhook or wait",
                );
                None
            }
        }
    }

    fn reminder(&mut self, kind: Option<ReminderType>) -> Option<Action> {
        let usual = || Label::known("Follow up");
        let title = if kind.is_some() {
            Some(self.optional(&["title"]).unwrap_or_else(usual))
        } else {
            self.required(&["title", "message"])
        };
        let description = self.optional(&["description", "notes"]);
        let due_in = self.due_in();
        let priority = self.optional(&["priority"]);
        let kind = self.optional(&["reminder_type"]).or(kind);
        let to = self.optional(&["to", "agentId"]).unwrap_or(Who::Owner);
        if matches!(to, Who::Role(_)) {
            self.refuse("to", "unknown_recipient", "must be owner, manager, author or a user's id");
        }
        Some(Action::CreateReminder { title: title?, description, due_in, priority, reminder_type: kind, to })
    }

    fn criteria(&mut self) -> Option<Criteria> {
        let criteria: Option<Label> = self.optional(&["criteria"]);
        match criteria.as_ref().map_or("round_robin", Label::as_str) {
            "round_robin" | "turn" => Some(Criteria::RoundRobin),
            "specialization" => Some(Criteria::Specialization),
            _ => {
                self.refuse("criteria", "unknown_criteria", "must be round_robin or specialization");
                None
            }
        }
    }

    fn notification(&mut self) -> Option<Action> {
        let to = match self.first(&["to", "user_ids", "recipients"]) {
            None => vec![Who::Owner],
            Some((name, value)) => {
                let texts = match value {
                    Value::Array(items) => items.clone(),
                    one => vec![one.clone()],
                };
                let read = |value: &Value| {
                    let text = value.as_str().ok_or_else(|| Invalid::new("not_text", "must be text"))?;
                    text.parse::<Who>()
                };
                let mut to = Vec::new();
                for value in &texts {
                    match read(value) {
                        Ok(who) if !to.contains(&who) => to.push(who),
                        Ok(_) => {}
                        Err(invalid) => self.wrong.push(FieldInvalid::new(name, invalid)),
                    }
                }
                if texts.is_empty() || texts.len() > MAX_TOLD {
                    self.refuse(name, "too_many", "must name 1 to 20 people");
                }
                to
            }
        };
        let title = self.optional(&["title"]).unwrap_or_else(|| Line::known("Automation"));
        let message = self.required(&["message"]);
        let priority = self.optional(&["priority"]).unwrap_or_default();
        let notification_type = self.optional(&["notification_type"]).unwrap_or(NotificationType::Alert);
        let channels = self.channels();
        Some(Action::SendNotification { to, title, message: message?, priority, notification_type, channels })
    }

    fn channels(&mut self) -> Option<Channels> {
        let (name, value) = self.first(&["channels"])?;
        let word = |value: &Value| {
            let text = value.as_str().ok_or_else(|| Invalid::new("not_text", "must be text"))?;
            text.parse()
        };
        let read = match value {
            Value::Array(items) => items.iter().map(word).collect::<Result<_, _>>().and_then(Channels::new),
            _ => Err(Invalid::new("not_a_list", "must be a list of channels")),
        };
        read.map_err(|invalid| self.wrong.push(FieldInvalid::new(name, invalid))).ok()
    }

    fn email(&mut self) -> Option<Action> {
        let (text, purpose) = (self.text(), self.purpose());
        let (subject, message) = text?;
        Some(Action::SendEmail { subject, message, purpose: purpose? })
    }

    fn sms(&mut self) -> Option<Action> {
        let (text, purpose) = (self.text(), self.purpose());
        Some(Action::SendSms { message: text?.1, purpose: purpose? })
    }

    /// What a message is for; `None` where what stands there is none.
    fn purpose(&mut self) -> Option<ContactPurpose> {
        match self.first(&["purpose"]) {
            None => Some(marketing()),
            Some(_) => self.optional(&["purpose"]),
        }
    }

    /// What a message says: in one's own words, or in those of a known template.
    fn text(&mut self) -> Option<(Line<255>, Note)> {
        let template: Option<Label> = self.optional(&["template", "template_name"]);
        let known = template.as_ref().map(|name| {
            TEXTS.iter().find(|(known, _, _)| *known == name.as_str().to_ascii_lowercase().replace(['-', ' '], "_"))
        });
        let (usual_subject, usual_text) = match known {
            Some(Some((_, subject, text))) => (*subject, Some(*text)),
            Some(None) => {
                let names = TEXTS.map(|(name, _, _)| name).join(", ");
                self.refuse("template", "unknown_template", format!("must be one of {names}"));
                return None;
            }
            None => ("A message for you", None),
        };
        let subject = self.optional(&["subject"]).or_else(|| usual_subject.parse().ok());
        let message = match usual_text {
            Some(usual) => self.optional(&["message", "content"]).or_else(|| usual.parse().ok()),
            None => self.required(&["message", "content"]),
        };
        subject.zip(message)
    }
}

/// Texts that messages may have without anybody writing them: name, subject, text.
const TEXTS: [(&str, &str, &str); 4] = [
    (
        "welcome",
        "Welcome",
        "Hello {{ name }},\n\nthank you for your interest. We have received your details and will get in touch soon.",
    ),
    (
        "thank_you",
        "Thank you",
        "Hello {{ name }},\n\nthank you for your time. If you have any question, just answer this message.",
    ),
    (
        "follow_up",
        "Shall we talk?",
        "Hello {{ name }},\n\nwe would like to know whether you have any questions. When may we call you?",
    ),
    (
        "missed_call",
        "We tried to call you",
        "Hello {{ name }},\n\nwe tried to call you and could not reach you. When may we call again?",
    ),
];

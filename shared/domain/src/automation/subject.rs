//! What an automation is about: a lead, or a call or a reminder with the lead it belongs to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::values::wire_enum;
use crate::{
    ApprovalRequest, BranchId, Call, CallId, Event, Invalid, Lead, LeadId, PersonName, PersonalFields, Record,
    Reminder, ReminderId, Rows, SlaClock, UserId,
};

wire_enum! {
    /// A kind of record that automations are about.
    SubjectKind, "unknown_subject",
    /// A lead.
    Lead = "lead",
    /// A call.
    Call = "call",
    /// A reminder.
    Reminder = "reminder",
}

/// A record that an automation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
#[schema(as = WorkflowSubject)]
pub enum Subject {
    /// A lead.
    Lead(LeadId),
    /// A call.
    Call(CallId),
    /// A reminder.
    Reminder(ReminderId),
}

impl Subject {
    /// The subject of an event, where it is of a kind that automations are about.
    pub fn of(event: &Event) -> Result<Option<Self>, Invalid> {
        Ok(match event.record.as_str() {
            Lead::KIND => Some(Self::Lead(event.subject.parse()?)),
            Call::KIND => Some(Self::Call(event.subject.parse()?)),
            Reminder::KIND => Some(Self::Reminder(event.subject.parse()?)),
            ApprovalRequest::KIND | SlaClock::KIND => lead_of(event)?,
            _ => None,
        })
    }

    /// Its id as text.
    pub fn id(&self) -> String {
        match self {
            Self::Lead(id) => id.to_string(),
            Self::Call(id) => id.to_string(),
            Self::Reminder(id) => id.to_string(),
        }
    }

    /// What kind it is.
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Lead(_) => SubjectKind::Lead,
            Self::Call(_) => SubjectKind::Call,
            Self::Reminder(_) => SubjectKind::Reminder,
        }
    }
}

/// The lead that an event names whose own record automations are not about.
fn lead_of(event: &Event) -> Result<Option<Subject>, Invalid> {
    let lead = event.data.get("lead_id").and_then(Value::as_str);
    lead.map(|lead| lead.parse().map(Subject::Lead)).transpose()
}

/// A subject as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// The lead: the subject itself, or the one that it belongs to.
    pub lead: Option<Lead>,
    /// The call, where it is one.
    pub call: Option<Call>,
    /// The reminder, where it is one.
    pub reminder: Option<Reminder>,
}

impl Seen {
    /// A lead alone.
    pub fn of_lead(lead: Lead) -> Self {
        Self { lead: Some(lead), ..Self::default() }
    }

    /// The branch that it belongs to.
    pub fn branch(&self) -> Option<BranchId> {
        let call = self.call.as_ref().map(|call| call.branch_id);
        let reminder = self.reminder.as_ref().map(|reminder| reminder.branch_id);
        call.or(reminder).or(self.lead.as_ref().map(|lead| lead.branch_id))
    }

    /// Whose it is: whoever made the call, has the reminder, works on the lead.
    pub fn owner(&self) -> Option<UserId> {
        let call = self.call.as_ref().map(|call| call.agent);
        let reminder = self.reminder.as_ref().map(|reminder| reminder.agent);
        call.or(reminder).or(self.lead.as_ref().and_then(|lead| lead.assigned_to))
    }

    /// Whether these rows reach it; a lead that they do not reach is left out of what they do.
    #[must_use]
    pub fn within(mut self, rows: &Rows) -> Option<Self> {
        if !rows.cover(self.branch(), self.owner()) {
            return None;
        }
        self.lead = self.lead.filter(|lead| rows.cover(lead.branch(), lead.owner()));
        Some(self)
    }

    /// The names and values that conditions and texts ask for, with `previous` ones where an event told them.
    pub fn view(&self, clear: PersonalFields, previous: &Map<String, Value>, now: Timestamp) -> Value {
        let lead = self.lead.as_ref().map(|lead| lead_view(lead, clear, now));
        let mut view = match (&self.call, &self.reminder, &lead) {
            (Some(call), _, _) => json!({
                "id": call.id, "agentId": call.agent, "lead_id": call.lead_id, "status": call.status,
                "direction": call.direction, "outcome": call.outcome, "duration_seconds": call.duration_seconds,
                "started_at": call.started_at, "ended_at": call.ended_at,
            }),
            (None, Some(reminder), _) => json!({
                "id": reminder.id, "agentId": reminder.agent, "lead_id": reminder.lead_id, "call_id": reminder.call_id,
                "status": reminder.status, "type": reminder.kind, "priority": reminder.priority,
                "due_at": reminder.due_at, "title": reminder.title,
            }),
            (None, None, Some(lead)) => lead.clone(),
            (None, None, None) => json!({}),
        };
        if let (Some(lead), true) = (lead, self.call.is_some() || self.reminder.is_some()) {
            view["lead"] = lead;
        }
        if !previous.is_empty() {
            view["previous"] = Value::Object(previous.clone());
        }
        view
    }

    /// The name of its lead, for texts of ours.
    pub fn name(&self) -> &str {
        let name = self.lead.as_ref().and_then(|lead| lead.full_name.as_ref());
        name.map_or("A lead without a name", PersonName::as_str)
    }
}

/// Of what an event changed: what conditions may ask for as `previous`.
pub fn previous(event: &Event) -> Map<String, Value> {
    let asked = |field: &str| matches!(field, "status" | "assigned_to" | "priority");
    let changes = event.changes.iter().filter(|change| asked(&change.field));
    changes.map(|change| (change.field.clone(), change.before.clone())).collect()
}

fn lead_view(lead: &Lead, clear: PersonalFields, now: Timestamp) -> Value {
    let days = |since: Timestamp| now.duration_since(since).as_hours().max(0) / 24;
    json!({
        "id": lead.id, "branch_id": lead.branch_id, "assigned_to": lead.assigned_to, "status": lead.status,
        "full_name": lead.full_name,
        "email": lead.email.as_ref().map(|email| clear.email(email)),
        "phone": lead.phone.as_ref().map(|phone| clear.phone(phone)),
        "external_id": lead.external_id, "source": lead.source, "medium": lead.medium, "campaign": lead.campaign,
        "city": lead.city, "priority": lead.priority, "tags": lead.tags, "custom_fields": lead.custom_fields,
        "score": lead.score, "lost_reason": lead.lost_reason, "converted_at": lead.converted_at,
        "last_touch_at": lead.last_touch_at,
        "created_at": lead.meta.created_at, "updated_at": lead.meta.updated_at,
        "days_since_created": days(lead.meta.created_at), "days_since_updated": days(lead.meta.updated_at),
        "days_since_touch": days(lead.last_touch_at),
    })
}

/// Puts values into the places of a text: `Hello {{ full_name }}`. `name` is the lead's; what is not there leaves its
/// place empty.
pub fn fill(text: &str, view: &Value) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((path, after)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(&value_of(path.trim(), view));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn value_of(path: &str, view: &Value) -> String {
    let path = if matches!(path, "name" | "lead.name") { "full_name" } else { path };
    let bare = path.strip_prefix("lead.").unwrap_or(path);
    let at =
        |path: &str| path.split('.').try_fold(view, |value, part| value.get(part)).filter(|value| !value.is_null());
    let custom = format!("custom_fields.{bare}");
    let of_lead = format!("lead.{bare}");
    let custom_of_lead = format!("lead.{custom}");
    let found = [path, bare, &of_lead, &custom, &custom_of_lead].into_iter().find_map(at);
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

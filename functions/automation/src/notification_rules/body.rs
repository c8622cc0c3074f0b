//! What is told of a rule for notifications.

use domain::automation::{Step, TriggerType, WorkflowStatus};
use domain::notification::Channel;
use domain::{FieldInvalid, Invalid, Label, Line, Note, NotificationType, Priority, Workflow};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use web::{Field, Fields, Problem};

use crate::body::Asked;

/// A rule for notifications.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NotificationRuleBody {
    #[serde(default)]
    #[schema(value_type = Option<Label>, example = "A hot lead came")]
    name: Field<Label>,
    /// When they are told; not by the clock.
    #[serde(default)]
    #[schema(value_type = Option<TriggerType>)]
    event: Field<String>,
    /// Of what records only: as an automation's.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    conditions: Field<Value>,
    /// Who is told: `owner`, `manager`, `author`, a user's id, or `role:` and a role's key; `owner` where absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 20)]
    to: Field<Value>,
    /// Over which channels; what is usual for the type where absent. What somebody turned off stays off.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Channel>>, min_items = 1)]
    channels: Field<Value>,
    /// One line; `{{ name }}` and the record's other fields can stand in it.
    #[serde(default)]
    #[schema(value_type = Option<Line<255>>)]
    title: Field<Value>,
    /// The rest, likewise.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    message: Field<Value>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Value>,
    /// What it is about; `alert` where absent.
    #[serde(default)]
    #[schema(value_type = Option<NotificationType>)]
    notification_type: Field<Value>,
    /// Whether it is on; `true` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Field<bool>,
}

impl Fields for NotificationRuleBody {
    const WRITES: &'static [&'static str] = &[
        "name",
        "event",
        "conditions",
        "to",
        "channels",
        "title",
        "message",
        "priority",
        "notification_type",
        "is_active",
    ];
    const READ_ONLY: &'static [&'static str] = &["id", "revision", "updated_by", "created_at", "updated_at", "version"];
}

impl NotificationRuleBody {
    /// The automation that it is, as far as it is told, with what is wrong in the words of automations. What is not told of
    /// the notification is as in `before`.
    pub(crate) fn read(self, before: Option<&Workflow>) -> Asked {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.replaced("name", w);
        let trigger = self.event.replaced("trigger", w).and_then(|text| {
            let by_event = |trigger| match trigger {
                TriggerType::Schedule => Err(Invalid::new("unknown_trigger", "must be an event, not the clock")),
                trigger => Ok(trigger),
            };
            let read = TriggerType::read(&text).and_then(by_event);
            read.map_err(|invalid| w.push(FieldInvalid::new("trigger", invalid))).ok()
        });
        let conditions = self.conditions.patch("conditions", w).map(|value| ("conditions", value.unwrap_or_default()));
        let told = [
            ("to", self.to.patch("to", w)),
            ("channels", self.channels.patch("channels", w)),
            ("title", self.title.patch("title", w)),
            ("message", self.message.patch("message", w)),
            ("priority", self.priority.patch("priority", w)),
            ("notification_type", self.notification_type.patch("notification_type", w)),
        ];
        let changes = before.is_none() || told.iter().any(|(_, value)| value.is_some());
        let actions = changes.then(|| {
            let mut step = before.and_then(|rule| written(rule.steps.first())).unwrap_or_default();
            step.insert("type".to_owned(), json!("send_notification"));
            for (field, value) in told {
                match value {
                    Some(Some(value)) => drop(step.insert(field.to_owned(), value)),
                    Some(None) => drop(step.remove(field)),
                    None => {}
                }
            }
            vec![Value::Object(step)]
        });
        let active = self.is_active.replaced("is_active", w);
        let status = active.map(|active| if active { WorkflowStatus::Active } else { WorkflowStatus::Paused });
        Asked { name, trigger, conditions, actions, status, wrong, ..Asked::default() }
    }
}

fn written(step: Option<&Step>) -> Option<Map<String, Value>> {
    match step?.written() {
        Value::Object(step) => Some(step),
        _ => None,
    }
}

/// What is wrong with the automation, in the words of the rule that it is.
pub(crate) fn in_its_words(problem: Problem) -> Problem {
    problem.renamed(|field| match field {
        "trigger" => "event".to_owned(),
        // That one may not tell people at all is said of whom it would tell.
        "actions.0.type" => "to".to_owned(),
        field => field.strip_prefix("actions.0.").unwrap_or(field).to_owned(),
    })
}

//! What a record must be like for an automation to act: the one filter grammar, in two spellings.
//!
//! As an object, as the admissions product writes it: `{"source": "facebook", "experience": ">2"}`. As an expression:
//! `source == "facebook" && experience > 2`. A name that is no field is one of the lead's free fields, so that both
//! products' conditions work as they are written. An automation about a call or a reminder asks for fields of its lead as
//! `lead.source`, or by their mere name where the record itself has no such field.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{SubjectKind, expression};
use crate::filter::{Explained, FieldType, Fields, Filter};
use crate::{FieldInvalid, Invalid};

/// What a lead can be asked, below no path.
const LEAD: [(&str, FieldType); 26] = [
    ("assigned_to", FieldType::Id),
    ("branch_id", FieldType::Id),
    ("campaign", FieldType::Text),
    ("city", FieldType::Text),
    ("converted_at", FieldType::Timestamp),
    ("created_at", FieldType::Timestamp),
    ("days_since_created", FieldType::Number),
    ("days_since_touch", FieldType::Number),
    ("days_since_updated", FieldType::Number),
    ("email", FieldType::Text),
    ("external_id", FieldType::Text),
    ("full_name", FieldType::Text),
    ("id", FieldType::Id),
    ("last_touch_at", FieldType::Timestamp),
    ("lost_reason", FieldType::Text),
    ("medium", FieldType::Text),
    ("phone", FieldType::Text),
    ("previous.assigned_to", FieldType::Id),
    ("previous.priority", FieldType::Text),
    ("previous.status", FieldType::Text),
    ("priority", FieldType::Text),
    ("score", FieldType::Number),
    ("source", FieldType::Text),
    ("status", FieldType::Text),
    ("tags", FieldType::TextList),
    ("updated_at", FieldType::Timestamp),
];

/// What a call can be asked of itself.
const CALL: [(&str, FieldType); 10] = [
    ("agentId", FieldType::Id),
    ("direction", FieldType::Text),
    ("duration_seconds", FieldType::Number),
    ("ended_at", FieldType::Timestamp),
    ("id", FieldType::Id),
    ("lead_id", FieldType::Id),
    ("outcome", FieldType::Text),
    ("previous.status", FieldType::Text),
    ("started_at", FieldType::Timestamp),
    ("status", FieldType::Text),
];

/// What a reminder can be asked of itself.
const REMINDER: [(&str, FieldType); 9] = [
    ("agentId", FieldType::Id),
    ("call_id", FieldType::Id),
    ("due_at", FieldType::Timestamp),
    ("id", FieldType::Id),
    ("lead_id", FieldType::Id),
    ("previous.status", FieldType::Text),
    ("priority", FieldType::Text),
    ("status", FieldType::Text),
    ("type", FieldType::Text),
];

/// A lead's fields as those of another record's lead.
const OF_LEAD: [(&str, FieldType); 18] = [
    ("lead.assigned_to", FieldType::Id),
    ("lead.branch_id", FieldType::Id),
    ("lead.campaign", FieldType::Text),
    ("lead.city", FieldType::Text),
    ("lead.created_at", FieldType::Timestamp),
    ("lead.days_since_created", FieldType::Number),
    ("lead.days_since_touch", FieldType::Number),
    ("lead.days_since_updated", FieldType::Number),
    ("lead.email", FieldType::Text),
    ("lead.full_name", FieldType::Text),
    ("lead.id", FieldType::Id),
    ("lead.medium", FieldType::Text),
    ("lead.phone", FieldType::Text),
    ("lead.priority", FieldType::Text),
    ("lead.score", FieldType::Number),
    ("lead.source", FieldType::Text),
    ("lead.status", FieldType::Text),
    ("lead.tags", FieldType::TextList),
];

const fn joined<const A: usize, const N: usize>(
    own: &[(&'static str, FieldType); A],
) -> [(&'static str, FieldType); N] {
    let mut all = [("", FieldType::Free); N];
    let mut at = 0;
    while at < N {
        all[at] = if at < A { own[at] } else { OF_LEAD[at - A] };
        at += 1;
    }
    all
}

static CALL_AND_LEAD: [(&str, FieldType); 28] = joined(&CALL);
static REMINDER_AND_LEAD: [(&str, FieldType); 27] = joined(&REMINDER);
static LEAD_ALONE: [(&str, FieldType); 26] = LEAD;

const CUSTOM: &str = "custom_fields.";
const OF: &str = "lead.";
const CUSTOM_OF: &str = "lead.custom_fields.";

const fn fields(subject: SubjectKind) -> Fields {
    match subject {
        SubjectKind::Lead => Fields::with_custom_fields(&LEAD_ALONE),
        SubjectKind::Call => Fields::with_custom_fields_at(&CALL_AND_LEAD, CUSTOM_OF),
        SubjectKind::Reminder => Fields::with_custom_fields_at(&REMINDER_AND_LEAD, CUSTOM_OF),
    }
}

/// What a record must be like; empty for anything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// The canonical object.
    object: Map<String, Value>,
    /// The expression, where they were written as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
}

impl Conditions {
    /// Reads an object, an expression, or nothing (`null`). Days are those of `zone`.
    pub fn read(value: &Value, subject: SubjectKind, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let (object, expression) = match value {
            Value::Null => return Ok(Self::default()),
            Value::String(text) if text.trim().is_empty() => return Ok(Self::default()),
            Value::String(text) => {
                let object = expression::read(text).map_err(|invalid| vec![FieldInvalid::new("", invalid)])?;
                (object, Some(text.trim().to_owned()))
            }
            Value::Object(_) => (value.clone(), None),
            _ => {
                let invalid = Invalid::new("not_conditions", "must be an object or an expression");
                return Err(vec![FieldInvalid::new("", invalid)]);
            }
        };
        let fields = fields(subject);
        let filter = Filter::from_json(&qualified(&object, subject, &fields), &fields, zone)?;
        let Value::Object(object) = filter.to_json() else { return Ok(Self::default()) };
        Ok(Self { object, expression })
    }

    /// As people wrote them: the expression, else the object.
    pub fn written(&self) -> Value {
        self.expression.as_ref().map_or_else(|| Value::Object(self.object.clone()), |text| Value::from(text.as_str()))
    }

    /// Whether anything meets them.
    pub fn is_empty(&self) -> bool {
        self.object.is_empty()
    }

    /// How many there are.
    pub fn size(&self, subject: SubjectKind) -> usize {
        self.filter(subject).map_or(0, |filter| filter.size())
    }

    /// Whether a field of this name is asked for, of the record or of its lead.
    pub fn name(&self, field: &str) -> bool {
        fn names(object: &Map<String, Value>, field: &str) -> bool {
            object.iter().any(|(key, value)| match (key.as_str(), value) {
                ("any" | "all", Value::Array(items)) => {
                    items.iter().filter_map(Value::as_object).any(|item| names(item, field))
                }
                (key, _) => key.strip_prefix(OF).unwrap_or(key) == field,
            })
        }
        names(&self.object, field)
    }

    /// Whether a record, as its view shows it, meets them.
    pub fn met(&self, subject: SubjectKind, view: &Value) -> bool {
        self.is_empty() || self.filter(subject).is_some_and(|filter| filter.matches(view))
    }

    /// Each of them, with what the view holds there.
    pub fn explain(&self, subject: SubjectKind, view: &Value) -> Vec<Explained> {
        self.filter(subject).map(|filter| filter.explain(view)).unwrap_or_default()
    }

    /// The same as a filter. What was read once can be read again; if not, nothing meets it.
    pub fn filter(&self, subject: SubjectKind) -> Option<Filter> {
        Filter::from_json(&Value::Object(self.object.clone()), &fields(subject), &TimeZone::UTC).ok()
    }
}

/// The same conditions with each name as the record's view has it.
fn qualified(value: &Value, subject: SubjectKind, known: &Fields) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let qualify = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        ("any" | "all", Value::Array(items)) => {
            (key.clone(), items.iter().map(|item| qualified(item, subject, known)).collect())
        }
        (name, value) => (path(name, subject, known), value.clone()),
    };
    Value::Object(object.iter().map(qualify).collect())
}

fn path(name: &str, subject: SubjectKind, known: &Fields) -> String {
    let is_known = |name: &str| known.type_of(name).is_some();
    let bare = name.strip_prefix(OF).unwrap_or(name);
    match subject {
        _ if is_known(name) => name.to_owned(),
        SubjectKind::Lead if is_known(bare) => bare.to_owned(),
        SubjectKind::Lead => format!("{CUSTOM}{bare}"),
        SubjectKind::Call | SubjectKind::Reminder => {
            let of_lead = format!("{OF}{bare}");
            if is_known(&of_lead) { of_lead } else { format!("{CUSTOM_OF}{bare}") }
        }
    }
}

//! What a template says, and what may stand in its places.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TemplateChannel;
use crate::outreach::{Dlt, check_dlt, is_dlt_id};
use crate::values::wire_enum;
use crate::{FieldInvalid, Invalid, Line, Note, Prose};

/// A template has so many variables at most.
pub const MAX_VARIABLES: usize = 50;
/// What a template says has so many bytes at most, with its variables: a record and its version are one write.
const MAX_BYTES: usize = 200 * 1024;
/// A subject has so many characters at most, its places not filled in.
pub type Subject = Line<255>;
/// A body has so many characters at most, its places not filled in.
pub type Body = Prose<50_000>;

wire_enum! {
    /// What a variable holds.
    VariableType, "unknown_variable_type",
    /// Text.
    Text = "text",
    /// A number.
    Number = "number",
    /// A day, `2026-01-31`.
    Date = "date",
    /// True or false.
    Boolean = "boolean",
}

/// A variable of a template: a value that whoever sends it hands in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: VariableType,
    /// What stands for it where nothing is handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether something must be.
    #[serde(default)]
    pub required: bool,
}

/// The registration of an SMS with the operators of India, with the text that they keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What each message carries of it.
    #[serde(flatten)]
    pub dlt: Dlt,
    /// The text as it was registered, with `{#var#}` in its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Note>,
}

/// What a template says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// One line, for e-mail, push and in-app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The text.
    pub body: Body,
    /// The same as HTML, for e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<Body>,
    /// What whoever sends it hands in, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Variable>,
    /// The registration of an SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// The name or id under which the provider holds the text, for those that send nothing else: WhatsApp outside of its
    /// window, MSG91.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldName>,
}

/// A provider's name or id of a text.
pub type HeldName = Line<512>;

/// The variables that every template has: whom it goes to, of whom, and who works on them. Those without a value are empty.
pub const GIVEN: [&str; 18] = [
    "lead",
    "lead.name",
    "lead.first_name",
    "lead.email",
    "lead.phone",
    "lead.city",
    "lead.source",
    "lead.status",
    "lead.campaign",
    "lead.score",
    "lead.tags",
    "lead.custom",
    "organization",
    "organization.name",
    "organization.currency",
    "agent",
    "agent.name",
    "agent.email",
];

impl Content {
    /// Whether a name may stand in its places.
    pub fn knows(&self, name: &str) -> bool {
        GIVEN.contains(&name) || name.starts_with("lead.custom.") || self.variables.contains_key(name)
    }

    /// What its variables hold where these values are handed in: each of its type, the default where nothing is.
    pub fn values(&self, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut values = Map::new();
        for (name, variable) in &self.variables {
            let given = given.get(name).filter(|value| !value.is_null());
            match given.or(variable.default.as_ref()) {
                Some(value) if variable.kind.takes(value) => {
                    values.insert(name.clone(), value.clone());
                }
                Some(_) => {
                    let message = format!("must be of the type {}", variable.kind);
                    wrong.push(FieldInvalid::new(name, Invalid::new("wrong_type", message)));
                }
                None if variable.required => wrong.push(FieldInvalid::new(name, Invalid::required())),
                None => {
                    values.insert(name.clone(), Value::from(""));
                }
            }
        }
        wrong.extend(
            given.keys().filter(|name| !self.variables.contains_key(*name)).take(20).map(|name| {
                FieldInvalid::new(name, Invalid::new("unknown_variable", "is no variable of the template"))
            }),
        );
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }

    /// What stands in the places of its body, in order, as it is written there: `lead.first_name`, `course | upper`.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.body.as_str();
        std::iter::from_fn(move || {
            let (place, after) = rest.split_once("{{")?.1.split_once("}}")?;
            rest = after;
            Some(place.trim_matches(|char: char| char.is_whitespace() || char == '-'))
        })
    }

    /// Refuses what its channel does not take, and an SMS that is not as it was registered.
    pub(super) fn checked(&self, channel: TemplateChannel) -> Vec<FieldInvalid> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, code, message: &'static str| {
            wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
        };
        if channel == TemplateChannel::Email && self.subject.is_none() {
            refuse("subject", "required", "is required for an e-mail");
        }
        if channel != TemplateChannel::Email && self.html.is_some() {
            refuse("html", "not_for_channel", "is for e-mails alone");
        }
        if !matches!(channel, TemplateChannel::Sms | TemplateChannel::Whatsapp) && self.held.is_some() {
            refuse("provider_template", "not_for_channel", "is for SMS and WhatsApp alone");
        }
        if self.held.is_some() && (self.body.as_str().contains("{%") || self.body.as_str().contains("{#")) {
            refuse("body", "not_as_held", "must have nothing but places, as the provider fills them in");
        }
        if channel != TemplateChannel::Sms && self.registration.is_some() {
            refuse("dlt", "not_for_channel", "is for SMS alone");
        }
        if self.variables.len() > MAX_VARIABLES {
            refuse("variables", "too_many", "must be at most 50");
        }
        if serde_json::to_vec(self).map_or(true, |bytes| bytes.len() > MAX_BYTES) {
            refuse("body", "too_large", "must be at most 200 KiB, with subject, HTML and variables");
        }
        if let Some(Registration { dlt, .. }) = &self.registration {
            let mut dlt_wrong = check_dlt(dlt.entity_id.as_deref(), dlt.header.as_deref());
            if !is_dlt_id(&dlt.template_id) {
                dlt_wrong
                    .push(FieldInvalid::new("template_id", Invalid::new("not_a_template_id", "must have 19 digits")));
            }
            wrong.extend(dlt_wrong.into_iter().map(|invalid| invalid.within("dlt")));
        }
        let text = self.registration.as_ref().and_then(|registration| registration.text.as_ref());
        if text.is_some_and(|text| !is_as_registered(self.body.as_str(), text.as_str())) {
            let message = "must be the registered text, with a place for each {#var#}";
            wrong.push(FieldInvalid::new("body", Invalid::new("not_as_registered", message)));
        }
        for (name, variable) in &self.variables {
            let field = format!("variables.{name}");
            let first = name.chars().next().is_some_and(|char| char.is_ascii_alphabetic() || char == '_');
            let rest = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
            if !first || !rest || name.len() > 60 || GIVEN.contains(&name.as_str()) {
                let message = "must be a name of letters, digits and _ that is not given already";
                wrong.push(FieldInvalid::new(&field, Invalid::new("bad_name", message)));
            }
            if variable.default.as_ref().is_some_and(|value| !variable.kind.takes(value)) {
                let invalid = Invalid::new("wrong_type", format!("must be of the type {}", variable.kind));
                wrong.push(FieldInvalid::new(format!("{field}.default"), invalid));
            }
        }
        wrong
    }
}

impl VariableType {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_str().is_some_and(|text| text.len() <= 4_096),
            Self::Number => value.is_number(),
            Self::Date => value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
            Self::Boolean => value.is_boolean(),
        }
    }
}

/// Whether a text is the registered one: the operators compare what arrives with what they keep, and let anything stand
/// in a `{#var#}`. White space at its ends and runs of it do not count.
fn is_as_registered(body: &str, registered: &str) -> bool {
    const PLACE: &str = "{#var#}";
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((_, after)) = after.split_once("}}") else { return false };
        text.push_str(before);
        text.push_str(PLACE);
        rest = after;
    }
    text.push_str(rest);
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    !body.contains("{%") && !body.contains("{#") && plain(&text) == plain(registered)
}

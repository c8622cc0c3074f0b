//! One step of an approval: who decides, how many of them, and what happens when they do not.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::values::wire_enum;
use crate::{FieldInvalid, Invalid, Label, RoleKey, UserId};

/// A step names at most so many approvers, and as many people to escalate to.
pub const MAX_NAMED: usize = 20;
/// The longest deadline in hours: 90 days.
pub const MAX_DEADLINE_HOURS: u32 = 24 * 90;

/// Somebody who decides a step: a user's id, `manager` or `role:` and a role's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approver {
    /// This person.
    User(UserId),
    /// The manager of whoever asks.
    Manager,
    /// Those of a role who work in the request's branch or reach every branch.
    Role(RoleKey),
}

impl FromStr for Approver {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let unknown = || Invalid::new("unknown_approver", "must be a user's id, manager, or role: and a role's key");
        match text.trim() {
            "manager" => Ok(Self::Manager),
            text => match text.strip_prefix("role:") {
                Some(role) => role.parse().map(Self::Role).map_err(|_| unknown()),
                None => text.parse().map(Self::User).map_err(|_| unknown()),
            },
        }
    }
}

impl fmt::Display for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => fmt::Display::fmt(id, f),
            Self::Manager => f.write_str("manager"),
            Self::Role(role) => write!(f, "role:{role}"),
        }
    }
}

impl Serialize for Approver {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Approver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

wire_enum! {
    /// How many of a step's approvers must approve.
    Needs, "unknown_needs",
    /// One of them.
    Any = "any",
    /// Each of them.
    All = "all",
}

wire_enum! {
    /// What happens where a step is not decided in time.
    OnDeadline, "unknown_on_deadline",
    /// Those who have not decided are told again, a day later once more, and a day later a last time.
    Remind = "remind",
    /// The step counts as approved.
    Approve = "approve",
    /// The request is rejected.
    Reject = "reject",
    /// Others decide the step from then on, any one of them.
    Escalate = "escalate",
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalStep {
    /// What people call it.
    pub name: Label,
    /// Who decides: users' ids, `manager` or `role:` and a role's key.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 20)]
    pub approvers: Vec<Approver>,
    /// How many of them must approve; one rejection is always enough.
    pub needs: Needs,
    /// How many hours they have, at most 2,160.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_hours: Option<u32>,
    /// What happens where they let them pass.
    pub on_deadline: OnDeadline,
    /// Who decides then, where it is escalated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub escalate_to: Vec<UserId>,
}

impl ApprovalStep {
    /// Reads a step. Every wrong field is named.
    pub fn read(value: &Value) -> Result<Self, Vec<FieldInvalid>> {
        let Value::Object(object) = value else {
            return Err(vec![FieldInvalid::new("", Invalid::new("not_object", "must be an object with approvers"))]);
        };
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = required(object, "name", w);
        let approvers = texts(object, "approvers", w);
        if approvers.as_ref().is_some_and(Vec::is_empty) {
            w.push(FieldInvalid::new("approvers", Invalid::required()));
        }
        let needs = optional(object, "needs", w).unwrap_or(Needs::Any);
        let deadline_hours = hours(object, w);
        let on_deadline = optional(object, "on_deadline", w).unwrap_or(OnDeadline::Remind);
        let escalate_to: Vec<UserId> = texts(object, "escalate_to", w).unwrap_or_default();
        // Reminding is what a step without a deadline shows, and may send back.
        let timed = on_deadline != OnDeadline::Remind;
        if timed && deadline_hours.is_none() && w.iter().all(|wrong| wrong.field != "deadline_hours") {
            w.push(FieldInvalid::new("deadline_hours", Invalid::required()));
        }
        let escalates = on_deadline == OnDeadline::Escalate;
        if w.iter().all(|wrong| !wrong.field.starts_with("escalate_to")) {
            if escalates && escalate_to.is_empty() {
                w.push(FieldInvalid::new("escalate_to", Invalid::required()));
            } else if !escalates && !escalate_to.is_empty() {
                let invalid = Invalid::new("contradiction", "goes together with on_deadline escalate only");
                w.push(FieldInvalid::new("escalate_to", invalid));
            }
        }
        if approvers.is_none() && w.iter().all(|wrong| !wrong.field.starts_with("approvers")) {
            w.push(FieldInvalid::new("approvers", Invalid::required()));
        }
        match (name, approvers) {
            (Some(name), Some(approvers)) if wrong.is_empty() => {
                Ok(Self { name, approvers, needs, deadline_hours, on_deadline, escalate_to })
            }
            _ => Err(wrong),
        }
    }

    /// The people it names, with the field that does.
    pub fn people(&self) -> impl Iterator<Item = (String, UserId)> {
        let approvers = self.approvers.iter().enumerate().filter_map(|(place, approver)| match approver {
            Approver::User(user) => Some((format!("approvers.{place}"), *user)),
            Approver::Manager | Approver::Role(_) => None,
        });
        let others = self.escalate_to.iter().enumerate();
        approvers.chain(others.map(|(place, user)| (format!("escalate_to.{place}"), *user)))
    }

    /// The roles it names, with the field that does.
    pub fn roles(&self) -> impl Iterator<Item = (String, RoleKey)> {
        self.approvers.iter().enumerate().filter_map(|(place, approver)| match approver {
            Approver::Role(role) => Some((format!("approvers.{place}"), *role)),
            Approver::User(_) | Approver::Manager => None,
        })
    }
}

fn there<'v>(object: &'v Map<String, Value>, field: &str) -> Option<&'v Value> {
    object.get(field).filter(|value| !value.is_null())
}

fn text<T: FromStr<Err = Invalid>>(value: &Value) -> Result<T, Invalid> {
    value.as_str().ok_or_else(|| Invalid::new("not_text", "must be text"))?.parse()
}

fn optional<T: FromStr<Err = Invalid>>(
    object: &Map<String, Value>,
    field: &str,
    wrong: &mut Vec<FieldInvalid>,
) -> Option<T> {
    text(there(object, field)?).map_err(|invalid| wrong.push(FieldInvalid::new(field, invalid))).ok()
}

fn required<T: FromStr<Err = Invalid>>(
    object: &Map<String, Value>,
    field: &str,
    wrong: &mut Vec<FieldInvalid>,
) -> Option<T> {
    if there(object, field).is_none() {
        wrong.push(FieldInvalid::new(field, Invalid::required()));
    }
    optional(object, field, wrong)
}

/// A list of texts, each of them once.
fn texts<T: FromStr<Err = Invalid> + PartialEq>(
    object: &Map<String, Value>,
    field: &str,
    wrong: &mut Vec<FieldInvalid>,
) -> Option<Vec<T>> {
    let Value::Array(items) = there(object, field)? else {
        wrong.push(FieldInvalid::new(field, Invalid::new("not_list", "must be a list")));
        return None;
    };
    if items.len() > MAX_NAMED {
        let invalid = Invalid::new("too_many", format!("must have at most {MAX_NAMED} elements"));
        wrong.push(FieldInvalid::new(field, invalid));
        return None;
    }
    let mut read = Vec::new();
    let known = wrong.len();
    for (place, item) in items.iter().enumerate() {
        match text(item) {
            Ok(value) if read.contains(&value) => {}
            Ok(value) => read.push(value),
            Err(invalid) => wrong.push(FieldInvalid::new(format!("{field}.{place}"), invalid)),
        }
    }
    (wrong.len() == known).then_some(read)
}

fn hours(object: &Map<String, Value>, wrong: &mut Vec<FieldInvalid>) -> Option<u32> {
    let value = there(object, "deadline_hours")?;
    let hours = value.as_u64().and_then(|hours| u32::try_from(hours).ok());
    let hours = hours.filter(|hours| (1..=MAX_DEADLINE_HOURS).contains(hours));
    if hours.is_none() {
        let invalid = Invalid::new("out_of_range", "must be a whole number of hours, 1 to 2,160");
        wrong.push(FieldInvalid::new("deadline_hours", invalid));
    }
    hours
}

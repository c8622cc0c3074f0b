//! The one filter grammar, for lists, segments, bulk changes and reports.
//!
//! A filter is a conjunction of conditions: field, operator, value. Three spellings mean the same:
//!
//! - query parameters: `status=lead`, `score[gte]=50`, `tags[in]=a,b`;
//! - JSON: `{"status": "lead", "score": {"gte": 50}, "tags": {"in": ["a", "b"]}}`, with groups
//!   `"any": [{…}, {…}]` and `"all": […]`;
//! - comparisons written into a value, as the admissions product does: `{"experience": ">2"}`, with
//!   `>`, `>=`, `<`, `<=` and `!=`.
//!
//! | operator | value | holds if the field |
//! | --- | --- | --- |
//! | `eq` `ne` | one | is (not) the value; text without case, ids exactly |
//! | `gt` `gte` `lt` `lte` | one | is beyond it, in numbers, times, dates, and custom fields |
//! | `between` | two | lies between them or is one of them |
//! | `in` `nin` | up to 100 | is (not) one of them |
//! | `contains` `starts_with` | text | has it in it, or first, without case |
//! | `exists` | true, false | has a value: neither null nor an empty text or list |
//!
//! A field without a value meets `ne`, `nin` and `exists: false` and nothing else. A field with
//! several values meets a condition if one of them does, and `ne` and `nin` if none does.

mod eval;
mod fields;
mod json;
mod query;
mod read;

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};

pub use fields::{FieldType, Fields};

use crate::{FieldInvalid, Invalid};

/// At most so many conditions a filter, those in groups included.
pub const MAX_CONDITIONS: usize = 50;
/// At most so many groups within one another.
pub const MAX_DEPTH: usize = 4;

/// What a record must be like. Made only by reading, so every field and value in it is allowed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    all: Vec<Node>,
}

/// A part of a filter, and how a record stood to it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Explained {
    /// The part: a condition, or a group of them.
    #[schema(value_type = Object)]
    pub condition: Value,
    /// What the record holds there; `null` for nothing, and for a group.
    #[schema(value_type = Value)]
    pub value: Value,
    /// Whether it holds.
    pub met: bool,
}

/// A part of a filter.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Is(Condition),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field, with dots where it is nested.
    pub field: String,
    /// What it must be like.
    pub test: Test,
}

/// What a field must be like; the module's table says what each means.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `eq`
    Eq(Literal),
    /// `ne`
    Ne(Literal),
    /// `gt`
    Gt(Literal),
    /// `gte`
    Gte(Literal),
    /// `lt`
    Lt(Literal),
    /// `lte`
    Lte(Literal),
    /// `in`
    In(Vec<Literal>),
    /// `nin`
    Nin(Vec<Literal>),
    /// `between`
    Between(Literal, Literal),
    /// `contains`
    Contains(String),
    /// `starts_with`
    StartsWith(String),
    /// `exists`
    Exists(bool),
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text, compared without case.
    Text(String),
    /// An id, compared exactly.
    Id(String),
    /// A finite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Timestamp(Timestamp),
    /// A day.
    Date(Date),
}

/// The operators by their names on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
    In,
    Nin,
    Between,
    Contains,
    StartsWith,
    Exists,
}

impl Op {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Gt, "gt"),
        (Self::Gte, "gte"),
        (Self::Lt, "lt"),
        (Self::Lte, "lte"),
        (Self::In, "in"),
        (Self::Nin, "nin"),
        (Self::Between, "between"),
        (Self::Contains, "contains"),
        (Self::StartsWith, "starts_with"),
        (Self::Exists, "exists"),
    ];

    const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::Nin | Self::Between)
    }
}

impl FromStr for Op {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|(_, name)| *name == text).map(|(op, _)| op).ok_or_else(|| {
            let names = Self::ALL.map(|(_, name)| name).join(", ");
            Invalid::new("unknown_operator", format!("must have one of the operators {names}"))
        })
    }
}

impl Filter {
    /// Reads query parameters, decoded: `status=lead`, `score[gte]=50`. Hand in those that paging,
    /// sorting and search have left over. An empty value and `all` count as absent; lists are
    /// separated by commas; one field named several times may be any of the values. A date where
    /// an instant is asked for is that day in `zone`. Every wrong parameter is named as written.
    pub fn from_query<'a>(
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
        fields: &Fields,
        zone: &TimeZone,
    ) -> Result<Self, Vec<FieldInvalid>> {
        query::read(params, fields, zone)
    }

    /// Reads the JSON form. `null` means "has no value", an array "is one of". Every wrong
    /// condition is named by its path: `any.0.score.gte`.
    pub fn from_json(value: &Value, fields: &Fields, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        json::read(value, fields, zone)
    }

    /// The canonical JSON form. [`Filter::from_json`] reads it back as a filter that means the same
    /// and has the same form; conditions may come in another order.
    pub fn to_json(&self) -> Value {
        json::write(&self.all)
    }

    /// How many conditions it has, those in groups included.
    pub fn size(&self) -> usize {
        fn leaves(nodes: &[Node]) -> usize {
            let of = |node: &Node| match node {
                Node::Is(_) => 1,
                Node::All(nodes) | Node::Any(nodes) => leaves(nodes),
            };
            nodes.iter().map(of).sum()
        }
        leaves(&self.all)
    }

    /// Each part that must hold, what of a record it saw, and whether it held: for people who ask why.
    pub fn explain(&self, record: &Value) -> Vec<Explained> {
        let explain = |node: &Node| Explained {
            condition: json::write(std::slice::from_ref(node)),
            value: match node {
                Node::Is(condition) => eval::lookup(record, &condition.field).cloned().unwrap_or(Value::Null),
                Node::All(_) | Node::Any(_) => Value::Null,
            },
            met: eval::meets(node, &|field| eval::lookup(record, field).map(Cow::Borrowed)),
        };
        self.all.iter().map(explain).collect()
    }

    /// Whether it lets everything through.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The conditions every match must meet; those in groups are not among them.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.all.iter().filter_map(|node| match node {
            Node::Is(condition) => Some(condition),
            Node::All(_) | Node::Any(_) => None,
        })
    }

    /// Whether any condition, also one in a group, is about a field.
    pub fn names(&self, field: &str) -> bool {
        fn names(nodes: &[Node], field: &str) -> bool {
            nodes.iter().any(|node| match node {
                Node::Is(condition) => condition.field == field,
                Node::All(nodes) | Node::Any(nodes) => names(nodes, field),
            })
        }
        names(&self.all, field)
    }

    /// The text or id that a field must be, if every match must have it: an index can answer that.
    pub fn equals(&self, field: &str) -> Option<&str> {
        self.conditions().find_map(|condition| condition.equality(field))
    }

    /// Takes the equality that [`Filter::equals`] speaks of out of the filter: the value, and what
    /// remains to be checked on what the index gives.
    pub fn split_equality(mut self, field: &str) -> (Option<String>, Self) {
        let at =
            self.all.iter().position(|node| matches!(node, Node::Is(condition) if condition.equality(field).is_some()));
        let value = at.and_then(|at| match self.all.remove(at) {
            Node::Is(Condition { test: Test::Eq(Literal::Text(value) | Literal::Id(value)), .. }) => Some(value),
            _ => None,
        });
        (value, self)
    }

    /// Both filters at once.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.all.extend(other.all);
        self
    }

    /// Whether a record, as JSON, meets it. A dotted field is looked up as one key first, then part
    /// by part, so custom fields may have dots in their names. Never fails: a value of another type
    /// than the condition's simply does not meet it.
    pub fn matches(&self, record: &Value) -> bool {
        self.matches_with(&|field| eval::lookup(record, field).map(Cow::Borrowed))
    }

    /// The same for records that are not JSON: `get` gives the value of a field.
    pub fn matches_with<'v>(&self, get: &dyn Fn(&str) -> Option<Cow<'v, Value>>) -> bool {
        self.all.iter().all(|node| eval::meets(node, get))
    }
}

impl Condition {
    fn equality(&self, field: &str) -> Option<&str> {
        match &self.test {
            Test::Eq(Literal::Text(value) | Literal::Id(value)) if self.field == field => Some(value),
            _ => None,
        }
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl utoipa::__dev::ComposeSchema for Filter {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "Conditions that must all hold: field → value, field → list (one of), or field → {operator: value} with \
                 eq, ne, gt, gte, lt, lte, in, nin, between, contains, starts_with, exists; `any` and `all` take lists \
                 of such objects. At most 50 conditions, 4 levels of groups.",
            ))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .examples([serde_json::json!({
                "score": {"gte": 50}, "source": "facebook", "custom_fields.city": {"in": ["Pune", "Nashik"]}
            })])
            .into()
    }
}

impl utoipa::ToSchema for Filter {}

#[cfg(test)]
mod tests;

//! Filter criteria of an event source mapping: which events a function wants to see.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use serde_json::{Map, Value};

/// A pattern. Every member it names must be in the event, with one of the values it lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher(Members);

type Members = Vec<(String, Node)>;

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Members(Members),
    AnyOf(Vec<Test>),
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Equals(Value),
    Prefix(String),
    Suffix(String),
    AnythingBut(Vec<Value>),
    Exists(bool),
}

/// A pattern that cannot be honoured.
#[derive(Debug, thiserror::Error)]
#[error("the filter {0}")]
pub struct NotUnderstood(String);

impl Matcher {
    /// Reads a pattern. One that uses more of the language than is known here is refused, never half-honoured.
    pub fn read(pattern: &str) -> Result<Self, NotUnderstood> {
        let value: Value =
            serde_json::from_str(pattern).map_err(|error| NotUnderstood(format!("{pattern}: {error}")))?;
        let members = value.as_object().and_then(members);
        members.map(Self).ok_or_else(|| NotUnderstood(pattern.to_owned()))
    }

    /// Whether the event is wanted.
    pub fn matches(&self, event: &Value) -> bool {
        all(&self.0, Some(event))
    }
}

fn members(object: &Map<String, Value>) -> Option<Members> {
    object
        .iter()
        .map(|(name, value)| {
            let node = match value {
                _ if name.starts_with('$') => return None,
                Value::Object(object) => Node::Members(members(object)?),
                Value::Array(tests) => Node::AnyOf(tests.iter().map(test).collect::<Option<_>>()?),
                _ => return None,
            };
            Some((name.clone(), node))
        })
        .collect()
}

fn test(value: &Value) -> Option<Test> {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(_) => return None,
        plain => return Some(Test::Equals(plain.clone())),
    };
    let (name, operand) = object.iter().next().filter(|_| object.len() == 1)?;
    match (name.as_str(), operand) {
        ("prefix", Value::String(prefix)) => Some(Test::Prefix(prefix.clone())),
        ("suffix", Value::String(suffix)) => Some(Test::Suffix(suffix.clone())),
        ("exists", Value::Bool(exists)) => Some(Test::Exists(*exists)),
        ("anything-but", Value::Array(values))
            if values.iter().all(|value| !value.is_object() && !value.is_array()) =>
        {
            Some(Test::AnythingBut(values.clone()))
        }
        ("anything-but", Value::String(_) | Value::Number(_)) => Some(Test::AnythingBut(vec![operand.clone()])),
        _ => None,
    }
}

fn all(members: &Members, event: Option<&Value>) -> bool {
    members.iter().all(|(name, node)| {
        let member = event.and_then(|event| event.get(name));
        match node {
            Node::Members(members) => all(members, member),
            Node::AnyOf(tests) => tests.iter().any(|test| test.holds(member)),
        }
    })
}

impl Test {
    fn holds(&self, member: Option<&Value>) -> bool {
        let text = member.and_then(Value::as_str);
        match self {
            Self::Equals(value) => member == Some(value),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::AnythingBut(values) => member.is_some_and(|member| !values.contains(member)),
            Self::Exists(exists) => member.is_some() == *exists,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(pattern: &str, event: &Value) -> bool {
        Matcher::read(pattern).expect("a pattern that is understood").matches(event)
    }

    #[test]
    fn every_member_named_must_match() {
        let pattern = r#"{"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "event#"}]}}}}"#;
        let event = |name: &str, sk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"sk": {"S": sk}}}});
        assert!(matches(pattern, &event("INSERT", "event#1")));
        assert!(!matches(pattern, &event("MODIFY", "event#1")));
        assert!(!matches(pattern, &event("INSERT", "record")));
        assert!(!matches(pattern, &json!({"eventName": "INSERT"})));
    }

    #[test]
    fn the_known_tests_hold_as_documented() {
        let event = json!({"a": "x.csv", "n": 1, "empty": null});
        assert!(matches(r#"{"a": [{"suffix": ".csv"}]}"#, &event));
        assert!(matches(r#"{"n": [2, 1]}"#, &event));
        assert!(matches(r#"{"a": [{"anything-but": ["y"]}]}"#, &event));
        assert!(!matches(r#"{"n": [{"anything-but": 1}]}"#, &event));
        assert!(matches(r#"{"gone": [{"exists": false}], "empty": [null]}"#, &event));
        assert!(!matches(r#"{"gone": [{"anything-but": ["y"]}]}"#, &event));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "[]",
            r#"{"a": "bare"}"#,
            r#"{"$or": [{"a": ["x"]}]}"#,
            r#"{"n": [{"numeric": [">", 1]}]}"#,
            r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#,
        ] {
            assert!(Matcher::read(pattern).is_err(), "{pattern}");
        }
    }
}

//! Whether a record meets a filter. Total: no value and no condition can make it fail.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::{Literal, Node, Test};

pub(super) fn meets<'v>(node: &Node, get: &dyn Fn(&str) -> Option<Cow<'v, Value>>) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| meets(node, get)),
        Node::Any(nodes) => nodes.iter().any(|node| meets(node, get)),
        Node::Is(condition) => {
            let value = get(&condition.field);
            passes(&condition.test, value.as_deref().filter(|value| has_value(value)))
        }
    }
}

/// A field of a record: the whole path as one key, else its first part and the rest within it.
pub(super) fn lookup<'v>(record: &'v Value, path: &str) -> Option<&'v Value> {
    let object = record.as_object()?;
    object.get(path).or_else(|| {
        let (head, rest) = path.split_once('.')?;
        lookup(object.get(head)?, rest)
    })
}

fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn passes(test: &Test, value: Option<&Value>) -> bool {
    let some = |holds: &dyn Fn(&Value) -> bool| match value {
        Some(Value::Array(items)) => items.iter().any(holds),
        Some(value) => holds(value),
        None => false,
    };
    let beyond =
        |literal: &Literal, holds: fn(Ordering) -> bool| some(&|value| compare(value, literal).is_some_and(holds));
    match test {
        Test::Eq(literal) => some(&|value| equal(value, literal)),
        Test::Ne(literal) => !some(&|value| equal(value, literal)),
        Test::In(literals) => some(&|value| literals.iter().any(|literal| equal(value, literal))),
        Test::Nin(literals) => !some(&|value| literals.iter().any(|literal| equal(value, literal))),
        Test::Gt(literal) => beyond(literal, Ordering::is_gt),
        Test::Gte(literal) => beyond(literal, Ordering::is_ge),
        Test::Lt(literal) => beyond(literal, Ordering::is_lt),
        Test::Lte(literal) => beyond(literal, Ordering::is_le),
        Test::Between(low, high) => some(&|value| {
            compare(value, low).is_some_and(Ordering::is_ge) && compare(value, high).is_some_and(Ordering::is_le)
        }),
        Test::Contains(part) => {
            some(&|value| with_text(value, |text| text.to_lowercase().contains(&part.to_lowercase())))
        }
        Test::StartsWith(start) => {
            some(&|value| with_text(value, |text| text.to_lowercase().starts_with(&start.to_lowercase())))
        }
        Test::Exists(yes) => value.is_some() == *yes,
    }
}

fn equal(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::String(text), Literal::Id(id)) => text == id,
        (Value::String(text), Literal::Text(literal)) => lower(text).eq(lower(literal)),
        // Custom fields hold what an import found: Yes and No, numbers as text.
        (Value::String(text), Literal::Boolean(yes)) | (Value::Bool(yes), Literal::Text(text)) => {
            truth(text) == Some(*yes)
        }
        (Value::Bool(yes), Literal::Boolean(literal)) => yes == literal,
        _ => compare(value, literal).is_some_and(Ordering::is_eq),
    }
}

/// The order of a value and a literal, where there is one. Texts that are both numbers compare as
/// such, other texts by their letters, which suits dates written year first.
fn compare(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::Number(value), Literal::Number(literal)) => value.as_f64()?.partial_cmp(literal),
        (Value::String(text), Literal::Number(literal)) => number(text)?.partial_cmp(literal),
        (Value::Number(value), Literal::Text(text)) => value.as_f64()?.partial_cmp(&number(text)?),
        (Value::String(text), Literal::Timestamp(literal)) => Some(text.parse::<jiff::Timestamp>().ok()?.cmp(literal)),
        (Value::String(text), Literal::Date(literal)) => Some(crate::date_range::date(text).ok()?.cmp(literal)),
        (Value::String(text), Literal::Text(literal)) => match (number(text), number(literal)) {
            (Some(text), Some(literal)) => text.partial_cmp(&literal),
            (None, None) => Some(lower(text).cmp(lower(literal))),
            _ => None,
        },
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn truth(text: &str) -> Option<bool> {
    let is = |words: [&str; 2]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    if is(["true", "yes"]) { Some(true) } else { is(["false", "no"]).then_some(false) }
}

fn with_text(value: &Value, holds: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Number(_) | Value::Bool(_) => holds(&value.to_string()),
        _ => false,
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

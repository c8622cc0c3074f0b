//! The JSON spelling, read and written.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::read::Reader;
use super::{Condition, Fields, Filter, Literal, MAX_CONDITIONS, MAX_DEPTH, Node, Op, Test};
use crate::{FieldInvalid, Invalid};

const ANY: &str = "any";
const ALL: &str = "all";

pub(super) fn read(value: &Value, fields: &Fields, zone: &TimeZone) -> Result<Filter, Vec<FieldInvalid>> {
    let mut reader = Reader::new(fields, zone);
    let all = object(&mut reader, "", value, 0);
    checked(all, reader.wrong)
}

/// The filter, if nothing is wrong and its canonical form can be read back.
pub(super) fn checked(nodes: Vec<Node>, mut wrong: Vec<FieldInvalid>) -> Result<Filter, Vec<FieldInvalid>> {
    let filter = Filter { all: flatten(nodes) };
    if wrong.is_empty() && groups(&filter.to_json()) > MAX_DEPTH {
        wrong.push(FieldInvalid::new("filter", too_deep()));
    }
    // A day is written as one condition and is two or three.
    if wrong.is_empty() && filter.size() > MAX_CONDITIONS {
        let invalid = Invalid::new("too_many_conditions", "must be at most 50 conditions; a day is two or three");
        wrong.push(FieldInvalid::new("filter", invalid));
    }
    if wrong.is_empty() { Ok(filter) } else { Err(wrong) }
}

/// Conjunctions within a conjunction are part of it.
fn flatten(nodes: Vec<Node>) -> Vec<Node> {
    nodes
        .into_iter()
        .flat_map(|node| match node {
            Node::All(nodes) => flatten(nodes),
            Node::Any(nodes) => vec![Node::Any(nodes.into_iter().map(group).collect())],
            Node::Is(_) => vec![node],
        })
        .collect()
}

fn group(node: Node) -> Node {
    let mut nodes = flatten(vec![node]);
    if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) }
}

fn groups(value: &Value) -> usize {
    let object = value.as_object();
    let groups_of = |key| object.and_then(|object| object.get(key)).and_then(Value::as_array);
    [ANY, ALL].into_iter().filter_map(groups_of).flatten().map(|item| 1 + groups(item)).max().unwrap_or(0)
}

fn too_deep() -> Invalid {
    Invalid::new("too_deep", "must nest at most 4 groups")
}

fn object(reader: &mut Reader<'_>, path: &str, value: &Value, depth: usize) -> Vec<Node> {
    let Some(object) = value.as_object() else {
        reader
            .refuse(if path.is_empty() { "filter" } else { path }, Invalid::new("not_an_object", "must be an object"));
        return Vec::new();
    };
    let mut nodes = Vec::new();
    for (key, value) in object {
        let path = join(path, key);
        match key.as_str() {
            ANY => nodes.extend(items(reader, &path, value, depth).map(Node::Any)),
            ALL => nodes.extend(items(reader, &path, value, depth).map(Node::All)),
            field => nodes.extend(conditions(reader, &path, field, value)),
        }
    }
    nodes
}

fn items(reader: &mut Reader<'_>, path: &str, value: &Value, depth: usize) -> Option<Vec<Node>> {
    let items = value.as_array().filter(|items| !items.is_empty());
    let invalid = match items {
        _ if depth == MAX_DEPTH => too_deep(),
        None => Invalid::new("not_a_group", "must be a list of objects, at least one"),
        Some(items) => {
            let mut nodes = Vec::new();
            for (at, item) in items.iter().enumerate() {
                // An empty object costs no condition, so groups are counted too.
                let path = join(path, &at.to_string());
                if item.as_object().is_some_and(Map::is_empty) {
                    reader.refuse(&path, Invalid::new("empty_group", "must hold a condition"));
                }
                let before = reader.wrong.len();
                nodes.push(Node::All(object(reader, &path, item, depth + 1)));
                if reader.wrong.len() > before && reader.wrong.len() > MAX_CONDITIONS {
                    return None;
                }
            }
            return Some(nodes);
        }
    };
    reader.refuse(path, invalid);
    None
}

fn conditions(reader: &mut Reader<'_>, path: &str, field: &str, value: &Value) -> Vec<Node> {
    match value {
        Value::Array(_) => reader.condition(path, field, Op::In, value).into_iter().collect(),
        Value::Object(tests) if tests.is_empty() => {
            reader.refuse(path, Invalid::new("no_operator", "must hold an operator"));
            Vec::new()
        }
        Value::Object(tests) => {
            let mut nodes = Vec::new();
            for (op, value) in tests {
                let path = join(path, op);
                match op.parse() {
                    Ok(op) => nodes.extend(reader.condition(&path, field, op, value)),
                    Err(unknown) if reader.has_room(&path) => reader.refuse(&path, unknown),
                    Err(_) => {}
                }
            }
            nodes
        }
        _ => reader.condition(path, field, Op::Eq, value).into_iter().collect(),
    }
}

fn join(path: &str, key: &str) -> String {
    // Keys come from outside: a long one is named by its beginning.
    let key: String = key.chars().filter(|c| !c.is_control()).take(120).collect();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The object for a conjunction. What its keys can't hold, as one key stands once, goes into `all`.
pub(super) fn write(nodes: &[Node]) -> Value {
    let mut object = Map::new();
    let mut rest = Vec::new();
    for node in nodes {
        match node {
            Node::Is(Condition { field, test }) => {
                let (op, value) = operation(test);
                let tests = object.entry(field.as_str()).or_insert_with(|| json!({}));
                if tests.get(op).is_none() {
                    tests[op] = value;
                } else {
                    rest.push(json!({ field: { op: value } }));
                }
            }
            Node::Any(nodes) => {
                let group: Vec<Value> = nodes.iter().map(item).collect();
                if object.contains_key(ANY) {
                    rest.push(json!({ ANY: group }));
                } else {
                    object.insert(ANY.to_owned(), Value::Array(group));
                }
            }
            Node::All(_) => rest.push(item(node)),
        }
    }
    if !rest.is_empty() {
        object.insert(ALL.to_owned(), Value::Array(rest));
    }
    Value::Object(object)
}

fn item(node: &Node) -> Value {
    match node {
        Node::All(nodes) => write(nodes),
        Node::Is(_) | Node::Any(_) => write(std::slice::from_ref(node)),
    }
}

fn operation(test: &Test) -> (&'static str, Value) {
    let list = |literals: &[Literal]| literals.iter().map(value).collect();
    match test {
        Test::Eq(literal) => ("eq", value(literal)),
        Test::Ne(literal) => ("ne", value(literal)),
        Test::Gt(literal) => ("gt", value(literal)),
        Test::Gte(literal) => ("gte", value(literal)),
        Test::Lt(literal) => ("lt", value(literal)),
        Test::Lte(literal) => ("lte", value(literal)),
        Test::In(literals) => ("in", list(literals)),
        Test::Nin(literals) => ("nin", list(literals)),
        Test::Between(low, high) => ("between", json!([value(low), value(high)])),
        Test::Contains(part) => ("contains", json!(part)),
        Test::StartsWith(start) => ("starts_with", json!(start)),
        Test::Exists(yes) => ("exists", json!(yes)),
    }
}

fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) | Literal::Id(text) => json!(text),
        Literal::Number(number) => json!(number),
        Literal::Boolean(yes) => json!(yes),
        Literal::Timestamp(instant) => json!(instant),
        Literal::Date(day) => json!(day),
    }
}

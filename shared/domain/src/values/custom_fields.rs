//! Fields an organization adds to its records.

use std::io;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};

use crate::{FieldInvalid, Invalid};

const MAX_KEYS: usize = 100;
const MAX_KEY_CHARS: usize = 100;
const MAX_BYTES: usize = 32 * 1024;
const MAX_DEPTH: usize = 5;

/// Free fields in the order people wrote them: at most 100 keys of at most 100 characters, 32 KiB
/// as JSON, arrays and objects nested at most five deep. A key may be anything people head a
/// column with (`Total Time Spent on Website`), as long as it is trimmed and on one line.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CustomFields(Map<String, Value>);

impl CustomFields {
    /// Checks every key and value and names each wrong one. A `null` is no value and is left out.
    pub fn new(fields: Map<String, Value>) -> Result<Self, Vec<FieldInvalid>> {
        Self::default().merge(fields)
    }

    /// Takes a key out of a merge update, so that what stands is kept.
    pub(crate) fn keep(patch: &mut Option<Option<Map<String, Value>>>, key: Option<&str>) {
        let Some(key) = key else { return };
        match patch {
            Some(Some(patch)) => drop(patch.shift_remove(key)),
            // Clearing them all would clear the one that must stay.
            Some(None) => *patch = None,
            None => {}
        }
    }

    /// A merge update: keys of the patch replace ours, `null` removes, the rest stays. Values are
    /// replaced whole; objects within are not merged.
    pub fn merge(&self, patch: Map<String, Value>) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut merged = self.0.clone();
        for (key, value) in patch {
            if value.is_null() {
                merged.shift_remove(&key);
                continue;
            }
            if let Err(invalid) = check_key(&key) {
                // Keys come from outside: a long one is named by its beginning.
                wrong.push(FieldInvalid::new(path(&key), invalid));
            } else if !within_depth(&value, MAX_DEPTH) {
                wrong.push(FieldInvalid::new(path(&key), Invalid::new("too_deep", "must nest at most 5 levels")));
            } else {
                merged.insert(key, value);
            }
            if wrong.len() >= MAX_KEYS {
                break;
            }
        }
        if merged.len() > MAX_KEYS {
            wrong.push(whole(Invalid::new("too_many", "must have at most 100 keys")));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        if json_len(&merged) > MAX_BYTES {
            return Err(vec![whole(Invalid::new("too_large", "must take at most 32 KiB as JSON"))]);
        }
        Ok(Self(merged))
    }

    /// One value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// All of them.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn path(key: &str) -> String {
    let shown: String = key.chars().filter(|c| !c.is_control()).take(MAX_KEY_CHARS).collect();
    format!("custom_fields.{shown}")
}

fn whole(invalid: Invalid) -> FieldInvalid {
    FieldInvalid::new("custom_fields", invalid)
}

fn check_key(key: &str) -> Result<(), Invalid> {
    if key.is_empty() || key.trim() != key || key.chars().any(char::is_control) {
        return Err(Invalid::new("malformed_key", "must be a trimmed name on one line"));
    }
    if key.chars().count() > MAX_KEY_CHARS {
        return Err(Invalid::new("key_too_long", "must have at most 100 characters"));
    }
    Ok(())
}

fn within_depth(value: &Value, levels: usize) -> bool {
    match (value, levels) {
        (Value::Array(_) | Value::Object(_), 0) => false,
        (Value::Array(items), _) => items.iter().all(|item| within_depth(item, levels - 1)),
        (Value::Object(fields), _) => fields.values().all(|field| within_depth(field, levels - 1)),
        _ => true,
    }
}

/// Counts the bytes that are written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn json_len(fields: &Map<String, Value>) -> usize {
    let mut counter = Counter(0);
    // A map of JSON values always has a JSON form; if not, it is over any bound.
    serde_json::to_writer(&mut counter, fields).map_or(usize::MAX, |()| counter.0)
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
        Self::new(fields)
            .map_err(|wrong| wrong.into_iter().next().map_or_else(|| de::Error::custom("invalid"), de::Error::custom))
    }
}

impl utoipa::__dev::ComposeSchema for CustomFields {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .max_properties(Some(MAX_KEYS))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .examples([serde_json::json!({"city": "Pune", "Total Time Spent on Website": 674})])
            .into()
    }
}

impl utoipa::ToSchema for CustomFields {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).expect("object")
    }

    fn refusals(value: Value) -> Vec<(String, &'static str)> {
        let wrong = CustomFields::new(map(value)).err().unwrap_or_default();
        wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect()
    }

    #[test]
    fn a_patch_replaces_removes_and_keeps() {
        let before = CustomFields::new(map(json!({"city": "Pune", "visits": 3, "course": {"a": 1}}))).expect("fields");
        let after = before.merge(map(json!({"city": null, "course": {"b": 2}, "new": true}))).expect("fields");
        assert_eq!(serde_json::to_value(&after).expect("json"), json!({"visits": 3, "course": {"b": 2}, "new": true}));
        assert_eq!(before.merge(Map::new()), Ok(before));
    }

    #[test]
    fn order_is_that_of_writing() {
        let fields = CustomFields::new(map(json!({"z": 1, "a": 2, "m": 3}))).expect("fields");
        assert_eq!(fields.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["z", "a", "m"]);
    }

    #[test]
    fn every_wrong_key_is_named() {
        assert_eq!(
            refusals(json!({"ok": 1, " padded": 1, "deep": [[[[[[1]]]]]], "fine": [[[[[1]]]]]})),
            [("custom_fields. padded".to_owned(), "malformed_key"), ("custom_fields.deep".to_owned(), "too_deep")]
        );
        assert_eq!(refusals(json!({"k".repeat(101): 1}))[0].1, "key_too_long");
    }

    #[test]
    fn size_is_bounded() {
        let many: Map<String, Value> = (0..101).map(|n| (format!("k{n}"), json!(1))).collect();
        assert_eq!(refusals(Value::Object(many)), [("custom_fields".to_owned(), "too_many")]);
        assert_eq!(refusals(json!({"k": "x".repeat(MAX_BYTES)})), [("custom_fields".to_owned(), "too_large")]);
        assert!(refusals(json!({"k": "x".repeat(MAX_BYTES - 8)})).is_empty());
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once(pairs in prop::collection::vec(("[a-d]", prop::option::of(0..9)), 0..8)) {
            let patch: Map<String, Value> = pairs.into_iter().map(|(key, value)| (key, json!(value))).collect();
            let base = CustomFields::new(map(json!({"a": "x", "e": "y"}))).expect("fields");
            let once = base.merge(patch.clone()).expect("fields");
            prop_assert_eq!(once.merge(patch).expect("fields"), once);
        }
    }
}

//! Small readers of request bodies.

use domain::{FieldInvalid, Invalid};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// One of a fixed set of words, as its type spells them.
pub fn word<T: DeserializeOwned>(text: Option<String>, field: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
    serde_json::from_value(Value::String(text?))
        .map_err(|_| wrong.push(FieldInvalid::new(field, Invalid::new("unknown_value", "is not one of the values"))))
        .ok()
}

/// The fields of an object inside a body.
pub fn fields<T: DeserializeOwned>(value: Value) -> Result<T, Vec<FieldInvalid>> {
    let refused = || vec![FieldInvalid::new("", Invalid::new("not_object", "must be an object"))];
    let map: Map<String, Value> = serde_json::from_value(value).map_err(|_| refused())?;
    serde_json::from_value(Value::Object(map)).map_err(|_| refused())
}

/// The names of the fields that a body writes.
pub fn written<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    fields.into_iter().filter_map(|(name, present)| present.then_some(name)).collect()
}

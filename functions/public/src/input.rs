//! What stood in an input of a page.

use domain::FieldInvalid;
use serde_json::Value;
use web::{Field, FromWire};

/// What stood in an input: pages send an empty text for one that was left empty.
#[derive(Debug)]
pub(crate) struct Input<T>(Option<T>);

impl<T: FromWire> FromWire for Input<T> {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match &value {
            Value::String(text) if text.trim().is_empty() => Ok(Self(None)),
            _ => T::from_wire(value).map(|filled| Self(Some(filled))),
        }
    }
}

/// The value of an input that was filled in; a wrong one is added to `wrong` under `name`.
pub(crate) fn filled<T>(field: Field<Input<T>>, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
    field.optional(name, wrong).and_then(|Input(value)| value)
}

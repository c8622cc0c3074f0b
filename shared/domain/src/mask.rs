//! Personal fields in what happened, for eyes that need not see them.

use crate::{EmailAddress, PersonalField, PersonalFields, Phone};
use serde_json::Value;

/// A value as somebody sees it who sees `clear` in the clear: e-mail addresses and phone numbers are masked, wherever
/// in it they stand; `name` is the field that it stands in.
pub fn masked(name: &str, value: Value, clear: PersonalFields) -> Value {
    match value {
        Value::String(text) => Value::String(masked_text(name, text, clear)),
        Value::Array(values) => values.into_iter().map(|value| masked(name, value, clear)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = masked(&name, value, clear);
                (name, value)
            })
            .collect(),
        other => other,
    }
}

fn masked_text(name: &str, text: String, clear: PersonalFields) -> String {
    let hidden = |field| !clear.has(field);
    if hidden(PersonalField::Email) {
        if let Ok(address) = text.parse::<EmailAddress>() {
            return address.masked();
        }
        if name == PersonalField::Email.as_str() {
            return "***".to_owned();
        }
    }
    if hidden(PersonalField::Phone) {
        if let Ok(number) = text.parse::<Phone>() {
            return number.masked();
        }
        if name == PersonalField::Phone.as_str() {
            return "***".to_owned();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_seen_in_the_clear_is_masked_wherever_it_stands() {
        let value = json!({
            "email": "asha@example.com", "to": [{"address": "+919876543210"}], "phone": "98765 43210", "city": "Pune",
        });
        assert_eq!(masked("", value.clone(), PersonalFields::ALL), value);
        let hidden = masked("", value.clone(), PersonalFields::NONE);
        let expected = json!({
            "email": "a***@example.com", "to": [{"address": "+91******3210"}], "phone": "***", "city": "Pune",
        });
        assert_eq!(hidden, expected);
        let phone: PersonalFields = vec![PersonalField::Phone].into();
        assert_eq!(masked("", value, phone)["to"], json!([{"address": "+919876543210"}]));
    }
}

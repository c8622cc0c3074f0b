//! What is kept of requests and answers: bounded, and without secrets.

use serde_json::{Map, Value, json};

/// At most so many bytes of JSON are kept of a request or an answer; of a longer one its beginning.
pub const MAX_KEPT: usize = 8 * 1024;
const BEGINNING: usize = 2_000;
const MAX_DEPTH: usize = 8;
/// What stands in the place of a secret.
const REMOVED: &str = "[removed]";

/// What names of fields have in them that hold secrets, without separators and in lower case.
const SECRET: [&str; 17] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "authorization",
    "signature",
    "credential",
    "cookie",
    "passcode",
    "otp",
    "cvv",
    "cardnumber",
    "aadhaar",
];
/// What the text of a secret begins with, wherever it stands.
const BEGINNINGS: [&str; 5] = ["bearer ", "basic ", "whsec_", "spk_", "eyj"];

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET.iter().any(|word| plain.contains(word))
}

fn looks_secret(text: &str) -> bool {
    let text = text.trim_start();
    BEGINNINGS.iter().any(|begin| text.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin)))
}

/// A value without secrets (fields that are named like one, and texts that look like one) and at most [`MAX_KEPT`]
/// bytes long.
pub fn redacted(value: Value) -> Value {
    let clean = clean(value, MAX_DEPTH);
    let text = clean.to_string();
    if text.len() <= MAX_KEPT {
        return clean;
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    json!({"truncated": true, "bytes": text.len(), "beginning": beginning})
}

fn clean(value: Value, levels: usize) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) if levels == 0 => Value::String("[deeper]".to_owned()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let kept = is_secret(&name) && !value.is_null();
                let value = if kept { Value::String(REMOVED.to_owned()) } else { clean(value, levels - 1) };
                (name, value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.into_iter().map(|value| clean(value, levels - 1)).collect(),
        Value::String(text) if looks_secret(&text) => Value::String(REMOVED.to_owned()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_go_wherever_they_stand() {
        let value = json!({
            "url": "https://provider.example", "Authorization": "Bearer x", "nested": [{"api-key": 5, "Auth_Token": "y"}],
            "header": "Basic dXNlcg==", "password": null, "count": 3,
        });
        assert_eq!(
            redacted(value),
            json!({
                "url": "https://provider.example", "Authorization": REMOVED,
                "nested": [{"api-key": REMOVED, "Auth_Token": REMOVED}], "header": REMOVED, "password": null, "count": 3,
            })
        );
    }

    #[test]
    fn what_is_long_or_deep_is_cut() {
        let long = redacted(json!({"text": "é".repeat(MAX_KEPT)}));
        assert_eq!((&long["truncated"], long.to_string().len() < MAX_KEPT), (&json!(true), true));
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(redacted(deep).to_string().contains("[deeper]"));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_bounded_and_no_secret_is_in_it(
            name in "(api[-_ ]?key|PASSWORD|x-auth-token|client_secret)", secret in "[a-z]{30,40}", text in "\\PC{0,4000}",
        ) {
            let kept = redacted(json!({"a": {name: secret.clone(), "text": text}})).to_string();
            prop_assert!(kept.len() <= 3 * MAX_KEPT);
            prop_assert!(!kept.contains(&secret) || text.contains(&secret));
        }
    }
}

//! Permissions that a body names.

use domain::{FieldInvalid, Invalid, Permission, Permissions};

/// `module:action` each; those that are none are added to `wrong`.
pub(crate) fn permitted(texts: Option<Vec<String>>, field: &str, wrong: &mut Vec<FieldInvalid>) -> Option<Permissions> {
    let mut known = Vec::new();
    for (place, text) in texts?.iter().enumerate() {
        match text.parse::<Permission>() {
            Ok(permission) => known.push(permission),
            Err(Invalid { code, message }) => {
                wrong.push(FieldInvalid::new(format!("{field}.{place}"), Invalid { code, message }));
            }
        }
    }
    Some(known.into_iter().collect())
}

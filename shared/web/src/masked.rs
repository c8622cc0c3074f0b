//! Fields that are masked for whoever asks.

use domain::{FieldInvalid, Grant, Invalid, PersonalField};

/// Who does not see a field must not find out what is in it by asking for it: `names` tells whether it is asked for.
pub fn refuse_masked(grant: &Grant, names: impl Fn(&str) -> bool) -> Result<(), Vec<FieldInvalid>> {
    let wrong: Vec<_> = PersonalField::ALL
        .into_iter()
        .filter(|field| !grant.clear().has(*field) && names(field.as_str()))
        .map(|field| FieldInvalid::new(field.as_str(), Invalid::new("masked_field", "is masked for you")))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

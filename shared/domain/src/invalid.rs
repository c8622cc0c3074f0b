//! Why a value was refused, and which field it stood in.

use std::borrow::Cow;

/// Why a value was refused: a stable code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// Stable, `snake_case`, part of the API.
    pub code: &'static str,
    /// A sentence for people; never holds the refused value.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A refusal with its code and its sentence.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The field must be there and is not.
    pub fn required() -> Self {
        Self::new("required", "is required")
    }
}

/// A refusal and the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {invalid}")]
pub struct FieldInvalid {
    /// The field as the caller wrote it, nested ones with dots (`address.city`).
    pub field: String,
    /// Why it was refused.
    pub invalid: Invalid,
}

impl FieldInvalid {
    /// A refusal at a field.
    pub fn new(field: impl Into<String>, invalid: Invalid) -> Self {
        Self { field: field.into(), invalid }
    }

    /// The same, of a field within `outer`; the value itself has an empty name.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let field = if self.field.is_empty() { outer.to_owned() } else { format!("{outer}.{}", self.field) };
        Self { field, ..self }
    }

    /// The same, where the field that begins with `own` is called `outer` outside.
    #[must_use]
    pub fn under(self, own: &str, outer: &str) -> Self {
        let Some(rest) = self.field.strip_prefix(own) else { return self };
        Self { field: format!("{outer}{rest}"), ..self }
    }
}

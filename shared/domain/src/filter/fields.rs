//! Which fields a filter may name, and what each holds.

use super::Op;

/// What a field holds, and so what it can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text; compared without case.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An instant, RFC 3339. A mere date in a condition means that whole day in the zone of the asker.
    Timestamp,
    /// A day.
    Date,
    /// An id; compared exactly.
    Id,
    /// Several texts: a condition holds if it holds for one of them.
    TextList,
    /// Whatever people put into a custom field.
    Free,
}

impl FieldType {
    pub(super) const fn allows(self, op: Op) -> bool {
        match op {
            Op::Eq | Op::Ne | Op::Exists => true,
            Op::In | Op::Nin => !matches!(self, Self::Boolean | Self::Timestamp),
            Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between => {
                matches!(self, Self::Number | Self::Timestamp | Self::Date | Self::Free)
            }
            Op::Contains | Op::StartsWith => {
                matches!(self, Self::Text | Self::TextList | Self::Free)
            }
        }
    }

    /// Whether `">2"` is a comparison here. In plain text it could be the text itself.
    pub(super) const fn is_ordered(self) -> bool {
        self.allows(Op::Gt)
    }
}

const CUSTOM: &str = "custom_fields.";
const MAX_CUSTOM_KEY: usize = 100;

/// The fields a resource lets people filter by.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    known: &'static [(&'static str, FieldType)],
    custom: Option<&'static str>,
}

impl Fields {
    /// These fields and no others.
    pub const fn new(known: &'static [(&'static str, FieldType)]) -> Self {
        Self { known, custom: None }
    }

    /// These, and any `custom_fields.…`.
    pub const fn with_custom_fields(known: &'static [(&'static str, FieldType)]) -> Self {
        Self::with_custom_fields_at(known, CUSTOM)
    }

    /// These, and any free field below this path: `lead.custom_fields.`.
    pub const fn with_custom_fields_at(known: &'static [(&'static str, FieldType)], path: &'static str) -> Self {
        Self { known, custom: Some(path) }
    }

    /// What a field holds; `None` if it can't be filtered by.
    pub fn type_of(&self, field: &str) -> Option<FieldType> {
        let custom = || {
            let key = field.strip_prefix(self.custom?)?;
            let named = !key.is_empty() && key.chars().count() <= MAX_CUSTOM_KEY;
            named.then_some(FieldType::Free)
        };
        self.known.iter().find(|(name, _)| *name == field).map(|(_, kind)| *kind).or_else(custom)
    }
}

//! How a reminder comes again, from outside.

use domain::reminder::{Repeat, RepeatEvery};
use domain::{FieldInvalid, Invalid};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{Field, FromWire};

/// How a reminder shall come again: the word alone (`"daily"`), or with more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RepeatInput {
    every: RepeatEvery,
    interval: u32,
    until: Option<Timestamp>,
}

/// The long form of it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RepeatInput)]
pub(crate) struct RepeatBody {
    /// What is counted.
    #[serde(default)]
    #[schema(value_type = RepeatEvery, required)]
    every: Field<String>,
    /// How many of them lie between two; 1 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 366)]
    interval: Field<u32>,
    /// None comes after this moment.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Field<Timestamp>,
}

impl FromWire for RepeatInput {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let refused = |invalid| vec![FieldInvalid::new("", invalid)];
        if let Value::String(word) = &value {
            return Ok(Self { every: word.parse().map_err(refused)?, interval: 1, until: None });
        }
        let body = if value.is_object() { serde_json::from_value(value).ok() } else { None };
        let why = || refused(Invalid::new("not_object", "must be an object or a word"));
        let RepeatBody { every, interval, until } = body.ok_or_else(why)?;
        let mut wrong = Vec::new();
        let every = every
            .required("every", &mut wrong)
            .and_then(|text| text.parse().map_err(|invalid| wrong.push(FieldInvalid::new("every", invalid))).ok());
        let interval = interval.optional("interval", &mut wrong).unwrap_or(1);
        let until = until.optional("until", &mut wrong);
        // The first time is not known yet, and nothing of the rule depends on it.
        let checked = Repeat::new(RepeatEvery::Daily, interval, until, Timestamp::UNIX_EPOCH);
        wrong.extend(checked.err().map(|invalid| FieldInvalid::new("interval", invalid)));
        match every {
            Some(every) if wrong.is_empty() => Ok(Self { every, interval, until }),
            _ => Err(wrong),
        }
    }
}

impl RepeatInput {
    /// From a first time on.
    pub(crate) fn from(self, first: Timestamp) -> Result<Repeat, FieldInvalid> {
        let Self { every, interval, until } = self;
        if until.is_some_and(|until| until < first) {
            let invalid = Invalid::new("too_early", "must not be before it is due");
            return Err(FieldInvalid::new("repeat.until", invalid));
        }
        Repeat::new(every, interval, until, first).map_err(|invalid| FieldInvalid::new("repeat.interval", invalid))
    }
}

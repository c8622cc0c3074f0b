//! A person's name.

use std::fmt;
use std::str::FromStr;

use super::text::one_line;
use super::wire::wire_text;
use crate::Invalid;

const MAX: usize = 200;

/// A person's name as they write it, in any script: 1 to 200 characters on one line, white space
/// collapsed, without control characters. Nothing else is assumed of names (see
/// [W3C, Personal names around the world](https://www.w3.org/International/questions/qa-personal-names)).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        one_line(text, MAX).map(Self)
    }
}

impl fmt::Debug for PersonName {
    /// The first character only: names don't belong into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({}***)", self.0.chars().next().unwrap_or('*'))
    }
}

wire_text!(PersonName, |schema| schema
    .min_length(Some(1))
    .max_length(Some(MAX))
    .examples([serde_json::json!("Asha Example")]));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_written_but_for_white_space() {
        for (written, kept) in
            [("  Asha   Example ", "Asha Example"), ("आशा", "आशा"), ("D’Souza", "D’Souza"), ("X", "X")]
        {
            assert_eq!(written.parse::<PersonName>().expect("name").as_str(), kept);
        }
        assert!("".parse::<PersonName>().is_err());
        assert!("a\u{7}b".parse::<PersonName>().is_err());
        assert!("a".repeat(201).parse::<PersonName>().is_err());
    }

    #[test]
    fn a_log_shows_no_name() {
        let name: PersonName = "Asha Example".parse().expect("name");
        assert_eq!(format!("{name:?}"), "PersonName(A***)");
    }
}

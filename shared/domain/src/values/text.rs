//! Text with a bound: one line for labels, several for notes.

use std::borrow::Cow;
use std::str::FromStr;

use super::wire::wire_text;
use crate::Invalid;

/// A label, such as a stage's name or a source: one line of at most 120 characters.
pub type Label = Line<120>;

/// A note: several lines of at most 5,000 characters.
pub type Note = Prose<5_000>;

/// Surrounding white space removed, every run of it within made one space.
pub(crate) fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// One line between 1 and `max` characters, collapsed.
pub(crate) fn one_line(text: &str, max: usize) -> Result<String, Invalid> {
    // Before anything is copied: white space collapses, but not by a factor an honest client needs.
    if text.len() > max.saturating_mul(16) {
        return Err(too_long(max));
    }
    let line = collapse(text);
    if line.is_empty() {
        return Err(Invalid::required());
    }
    if line.chars().any(char::is_control) {
        return Err(Invalid::new("control_character", "must not contain control characters"));
    }
    if line.chars().count() > max {
        return Err(too_long(max));
    }
    Ok(line)
}

fn too_long(max: usize) -> Invalid {
    Invalid::new("too_long", format!("must have at most {max} characters"))
}

/// One line of 1 to `MAX` characters (Unicode scalar values): trimmed, white space collapsed,
/// without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// A text of ours that needs no checking.
    pub(crate) fn known(text: &'static str) -> Self {
        debug_assert!(text.parse::<Self>().is_ok_and(|line| line.0 == text));
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        one_line(text, MAX).map(Self)
    }
}

wire_text!([const MAX: usize] Line<MAX>, |schema| schema.min_length(Some(1)).max_length(Some(MAX)));

impl<const MAX: usize> utoipa::ToSchema for Line<MAX> {
    fn name() -> Cow<'static, str> {
        format!("Line{MAX}").into()
    }
}

/// Text of 1 to `MAX` characters (Unicode scalar values) that keeps its lines: trimmed, line ends
/// as `\n`, no control characters but line end and tab.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Prose<MAX> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Invalid::required());
        }
        // A `\r\n` counts once, as it is kept: at most two bytes of line end a character.
        if trimmed.len() > MAX.saturating_mul(8) {
            return Err(too_long(MAX));
        }
        let text = trimmed.replace("\r\n", "\n").replace('\r', "\n");
        if text.chars().count() > MAX {
            return Err(too_long(MAX));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Invalid::new("control_character", "must not contain control characters"));
        }
        Ok(Self(text))
    }
}

wire_text!([const MAX: usize] Prose<MAX>, |schema| schema.min_length(Some(1)).max_length(Some(MAX)));

impl<const MAX: usize> utoipa::ToSchema for Prose<MAX> {
    fn name() -> Cow<'static, str> {
        format!("Prose{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code<T>(result: Result<T, Invalid>) -> &'static str {
        result.err().map_or("accepted", |invalid| invalid.code)
    }

    #[test]
    fn a_label_is_one_clean_line() {
        assert_eq!("  New \t lead\n".parse::<Label>().expect("label").as_str(), "New lead");
        assert_eq!(code(" \u{a0} ".parse::<Label>()), "required");
        assert_eq!(code("a\u{0}b".parse::<Label>()), "control_character");
        assert_eq!(code("ल".repeat(120).parse::<Label>()), "accepted");
        assert_eq!(code("ल".repeat(121).parse::<Label>()), "too_long");
    }

    #[test]
    fn a_note_keeps_its_lines() {
        assert_eq!(" one\r\n\ttwo\rthree ".parse::<Note>().expect("note").as_str(), "one\n\ttwo\nthree");
        assert_eq!(code("\u{1b}[2J".parse::<Note>()), "control_character");
        assert_eq!(code("\r\n".repeat(9_000).parse::<Note>()), "required");
        assert_eq!(code("x".repeat(5_001).parse::<Note>()), "too_long");
    }

    #[test]
    fn texts_of_different_bounds_have_different_schemas() {
        use utoipa::ToSchema;
        assert_ne!(Line::<10>::name(), Label::name());
    }

    proptest! {
        #[test]
        fn reading_what_was_written_changes_nothing(text in "\\PC{0,200}") {
            if let Ok(label) = text.parse::<Label>() {
                prop_assert_eq!(label.as_str().parse::<Label>(), Ok(label.clone()));
            }
            if let Ok(note) = text.parse::<Note>() {
                prop_assert_eq!(note.as_str().parse::<Note>(), Ok(note.clone()));
            }
        }
    }
}

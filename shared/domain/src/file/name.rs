//! What a file is called.

use std::str::FromStr;

use crate::values::wire_text;
use crate::{Invalid, Line};

/// A file's name as people see it, and as their machines may keep it: one line of at most 255 characters, no path, and
/// nothing that cannot be seen or that turns around what is seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(Line<255>);

/// Characters that are not seen and let a name be read as another: marks and overrides of direction, joiners of nothing, ends
/// of lines (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
const fn is_hidden(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

impl FileName {
    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name as a line of text.
    pub const fn line(&self) -> &Line<255> {
        &self.0
    }

    /// What stands behind its last point, in small letters: empty where nothing does. Points and spaces at its end, which
    /// some machines drop, count for nothing.
    pub fn extension(&self) -> String {
        let name = self.as_str().trim_end_matches(['.', ' ']);
        name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase())
    }
}

impl FromStr for FileName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let line: Line<255> = text.parse()?;
        let name = line.as_str();
        if name.contains(['/', '\\']) || name.chars().all(|char| char == '.') {
            return Err(Invalid::new("not_a_name", "must be a name, not a path"));
        }
        if name.chars().any(is_hidden) {
            return Err(Invalid::new("hidden_character", "must not contain characters that cannot be seen"));
        }
        Ok(Self(line))
    }
}

wire_text!(FileName, |schema| schema
    .min_length(Some(1))
    .max_length(Some(255))
    .examples([serde_json::json!("brochure.pdf")]));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for (text, code) in [
            ("../../etc/passwd", "not_a_name"),
            ("C:\\brochure.pdf", "not_a_name"),
            ("..", "not_a_name"),
            ("", "required"),
            ("a\0.pdf", "control_character"),
            ("brochure\u{202e}fdp.exe", "hidden_character"),
            ("a\u{200b}.pdf", "hidden_character"),
        ] {
            assert_eq!(text.parse::<FileName>().map_err(|invalid| invalid.code), Err(code), "{text:?}");
        }
        assert!("x".repeat(256).parse::<FileName>().is_err());
        for text in ["brochure.pdf", "फ़ीस.pdf", "Say \"hi\"; a=b.txt", ".profile", "v1..2"] {
            assert_eq!(text.parse::<FileName>().expect("a name").as_str(), text);
        }
    }

    #[test]
    fn what_a_machine_would_run_it_as_is_its_extension() {
        let extension = |name: &str| name.parse::<FileName>().expect("a name").extension();
        assert_eq!(extension("invoice.pdf.EXE"), "exe");
        assert_eq!(extension("invoice.exe. ."), "exe");
        assert_eq!(extension("README"), "");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_one_name(text in "\\PC{0,300}|[\\x00-\\x20/\\\\.\u{202e}a]{0,20}") {
            if let Ok(name) = text.parse::<FileName>() {
                prop_assert!(!name.as_str().contains(['/', '\\', '\r', '\n', '\0']));
                prop_assert!(name.as_str().chars().count() <= 255);
                prop_assert_eq!(name.as_str().parse::<FileName>(), Ok(name.clone()));
            }
        }
    }
}

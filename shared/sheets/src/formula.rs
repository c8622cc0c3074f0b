//! Formula injection (CWE-1236).
//!
//! A spreadsheet program reads a CSV cell that opens with `=`, `+`, `-`, `@`, tab, CR or LF as a formula.
//! OWASP ("CSV Injection") has such cells prefixed with an apostrophe; we also count the full-width forms
//! of the four signs, which East Asian editions of Excel take for them.
//!
//! Exempt is what cannot be more than a signed number: `-5`, `+919812345678`, `+91 98123 45678`, `-12.50`.
//! A second sign (`-2+3`, `+91-98`) is arithmetic and is prefixed.
//!
//! The apostrophe can be undone exactly: a text that would read as prefixed is prefixed once more.
//! This guards a cell that is opened with the delimiter it was written with. A program that splits at
//! another one may begin a cell in the middle of ours; XLSX has no such gap.

use std::borrow::Cow;

/// The text as it may stand in a CSV cell.
pub(crate) fn neutralize(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`neutralize`] was given.
pub(crate) fn restore(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) && !is_signed_number(text)
}

fn is_signed_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    whole.starts_with(|first: char| first.is_ascii_digit())
        && whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_get_an_apostrophe() {
        for text in [
            "=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\n=1", "-2+3", "+91-98", "＝1", "-", "+", "-1.", "-1e5",
            "-1.5.2",
        ] {
            assert_eq!(neutralize(text), format!("'{text}"));
        }
    }

    #[test]
    fn numbers_and_phones_stay_usable() {
        for text in ["-5", "+919812345678", "+91 98123 45678", "-12.50", "5-3", "a=b", "'quoted'", "", "O'Example"] {
            assert_eq!(neutralize(text), text);
        }
    }

    #[test]
    fn an_apostrophe_of_the_persons_own_survives() {
        assert_eq!(neutralize("'=1"), "''=1");
        assert_eq!(restore("''=1"), "'=1");
        assert_eq!(restore("'tis"), "'tis");
        assert_eq!(restore("'-5"), "'-5");
    }

    proptest! {
        #[test]
        fn restoring_undoes_neutralizing(text in "'{0,3}[=+@\\t\n-]?[0-9 .=+-]{0,4}\\PC{0,4}") {
            let written = neutralize(&text);
            prop_assert_eq!(restore(&written), &*text);
            prop_assert!(!is_formula(&written));
        }
    }
}

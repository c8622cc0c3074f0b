/// Digits Excel keeps of a number.
const EXCEL_DIGITS: usize = 15;

/// Below this every whole number has a double of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number as a person would write it: `12` for `12.0`, `1.1` for `1.1000000000000001`; `None` where the
/// text is no number. Whole numbers written with all their digits keep them, however many.
pub(super) fn number_text(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(raw.to_owned());
    }
    let number = finite(raw)?;
    if number == 0.0 {
        return Some("0".to_owned());
    }
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Some(format!("{number:.0}"));
    }
    let rounded: f64 = format!("{number:.*e}", EXCEL_DIGITS - 1).parse().ok()?;
    Some(rounded.to_string())
}

/// The number a cell's text stands for.
pub(super) fn finite(raw: &str) -> Option<f64> {
    raw.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (raw, text) in [
            ("12.0", "12"),
            ("660737.0", "660737"),
            ("-5", "-5"),
            ("0", "0"),
            ("-0.0", "0"),
            ("1.1000000000000001", "1.1"),
            ("0.30000000000000004", "0.3"),
            ("2.5", "2.5"),
            ("9.1981234567800003E+11", "919812345678"),
            ("1E3", "1000"),
            ("9007199254740991", "9007199254740991"),
            ("123456789012345678901", "123456789012345678901"),
            ("1e-7", "0.0000001"),
        ] {
            assert_eq!(number_text(raw).as_deref(), Some(text), "{raw}");
        }
        for raw in ["", "abc", "NaN", "inf", "1e999", "1,5"] {
            assert_eq!(number_text(raw), None, "{raw}");
        }
    }
}

use crate::column::letters;
use crate::raw_row::RawRow;
use crate::{Limits, RowErrorCode, SheetError};
use std::collections::HashMap;

/// The names of the columns, trimmed. Unnamed columns right of the last name are not part of the table.
pub(crate) fn header(row: &RawRow, limits: &Limits) -> Result<Vec<String>, SheetError> {
    match row.fault {
        Some((_, RowErrorCode::TooManyColumns)) => {
            return Err(SheetError::HeaderTooWide { limit: limits.max_columns });
        }
        Some((_, RowErrorCode::CellTooLong)) => {
            return Err(SheetError::CellTooLong { limit: limits.max_cell_bytes });
        }
        None => {}
    }
    let mut names: Vec<String> = row.cells.iter().map(|name| name.trim().to_owned()).collect();
    let width = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    names.truncate(width);

    let mut seen = HashMap::with_capacity(width);
    for (index, name) in names.iter().enumerate() {
        let column = || letters(index);
        if name.is_empty() {
            return Err(SheetError::HeaderEmpty { column: column() });
        }
        if looks_like_data(name) {
            return Err(SheetError::HeaderLooksLikeData { column: column() });
        }
        if let Some(first) = seen.insert(name, index) {
            return Err(SheetError::HeaderDuplicate { first: letters(first), column: column() });
        }
    }
    Ok(names)
}

/// An e-mail address, or at least seven digits and nothing but digits and their punctuation: a phone
/// number, an id, a date with a time. Shorter numbers may well be names ("2024").
fn looks_like_data(name: &str) -> bool {
    let is_address = !name.contains(char::is_whitespace)
        && name.rsplit_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= 7 && name.bytes().all(|byte| byte.is_ascii_digit() || b"+-.,:/() ".contains(&byte));
    is_address || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_not_a_header() {
        for data in ["a_lead@example.com", "+91 98123 45678", "660737000", "2026-11-20 10:00"] {
            assert!(looks_like_data(data), "{data}");
        }
        for name in ["E-mail", "Phone 2", "2024", "@handle", "Cost @ 5.00 each", "१२३", "Age (18-25)"] {
            assert!(!looks_like_data(name), "{name}");
        }
    }
}

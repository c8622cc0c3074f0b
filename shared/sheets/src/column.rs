/// The letters over a column: 0 is `A`, 25 is `Z`, 26 is `AA`.
pub fn letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index;
    loop {
        letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 26]));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// Columns of a sheet (`XFD` is the last), as Excel's specifications and limits have it.
const MAX_COLUMNS: usize = 16_384;

/// The column of a cell reference such as `AB12`, from 0; `None` where it is no reference.
pub(crate) fn of_reference(reference: &str) -> Option<usize> {
    let digits = reference.find(|letter: char| !letter.is_ascii_alphabetic())?;
    let (letters, row) = reference.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || !row.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number =
        letters.bytes().fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    (number <= MAX_COLUMNS).then(|| number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_references_are_inverse() {
        for (index, name) in [(0, "A"), (25, "Z"), (26, "AA"), (36, "AK"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(index), name);
            assert_eq!(of_reference(&format!("{name}1")), Some(index));
        }
    }

    #[test]
    fn what_is_no_reference_is_none() {
        for reference in ["", "A", "1", "XFE1", "AAAA1", "A-1", "A1:B2", "é1"] {
            assert_eq!(of_reference(reference), None, "{reference}");
        }
    }
}

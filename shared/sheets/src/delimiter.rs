use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// What may stand between cells; the earlier wins where the content fits several.
const CANDIDATES: [u8; 4] = *b",;\t|";

/// How much of the file is looked at.
const SAMPLE_BYTES: usize = 64 << 10;
const SAMPLE_ROWS: usize = 20;

/// The delimiter that cuts the first row into at least two cells and the most rows below it into as many;
/// the comma where none does, as a sheet may have one column.
pub(crate) fn detect(text: &str) -> u8 {
    let sample = &text.as_bytes()[..text.len().min(SAMPLE_BYTES)];
    let mut best = (b',', (0, 1));
    for candidate in CANDIDATES {
        let widths = widths(sample, candidate);
        let Some(width) = widths.first().copied().filter(|width| *width > 1) else {
            continue;
        };
        let alike = widths.iter().filter(|other| **other == width).count();
        if (alike, width) > best.1 {
            best = (candidate, (alike, width));
        }
    }
    best.0
}

/// A reader of one field at a time. Quotes are RFC 4180's; rows end with LF, CR or CR LF.
pub(crate) fn parser(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// How many cells each of the first rows has. Blank rows are passed over by the parser.
fn widths(sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut parser = parser(delimiter);
    let mut widths = Vec::with_capacity(SAMPLE_ROWS);
    let mut discard = [0; 1024];
    let mut width = 0;
    let mut rest = sample;
    while widths.len() < SAMPLE_ROWS {
        let (result, read, _) = parser.read_field(rest, &mut discard);
        rest = &rest[read..];
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end: false } => width += 1,
            ReadFieldResult::Field { record_end: true } => {
                widths.push(width + 1);
                width = 0;
            }
            ReadFieldResult::End => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_cuts_evenly() {
        for (text, delimiter) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2,5;3\n", b';'),
            ("a\tb\n1,000\t2\n", b'\t'),
            ("a|b\n1|2;3\n", b'|'),
            ("\"Last, first\";Phone\n\"Example, Asha\";1\n", b';'),
            ("name; nick,phone\nAsha,1\nBina,2\n", b','),
            ("just one column\nof text\n", b','),
            ("", b','),
        ] {
            assert_eq!(char::from(detect(text)), char::from(delimiter), "{text}");
        }
    }
}

use crate::delimiter;
use crate::formula::restore;
use crate::raw_row::{RawRow, RowSource};
use crate::{Limits, RowErrorCode, SheetError};
use csv_core::{ReadFieldResult, Reader};
use std::borrow::Cow;

/// Rows of a CSV text. A cell is copied into a buffer of fixed size, so the longest costs no more memory.
pub(crate) struct CsvRows<'a> {
    text: Cow<'a, str>,
    at: usize,
    parser: Reader,
    cell: Box<[u8]>,
    number: u32,
    limits: Limits,
}

/// What the parser found at a place.
struct Field {
    text: Option<String>,
    ends_row: bool,
}

impl<'a> CsvRows<'a> {
    pub(crate) fn new(text: Cow<'a, str>, limits: &Limits) -> Self {
        let parser = delimiter::parser(delimiter::detect(&text));
        Self {
            text,
            at: 0,
            parser,
            // One more than allowed, so that a full buffer means too long.
            cell: vec![0; limits.max_cell_bytes.saturating_add(1)].into_boxed_slice(),
            number: 0,
            limits: *limits,
        }
    }

    /// Passes empty lines, which the parser would pass uncounted.
    fn skip_empty_lines(&mut self) {
        while let Some(length) = line_end(&self.text.as_bytes()[self.at..]) {
            self.at += length;
            self.number += 1;
        }
    }

    /// The next cell; `None` where the text has ended.
    fn field(&mut self) -> Result<Option<Field>, SheetError> {
        let start = self.at;
        let mut filled = 0;
        let mut too_long = false;
        loop {
            let (result, read, written) =
                self.parser.read_field(&self.text.as_bytes()[self.at..], &mut self.cell[filled..]);
            self.at += read;
            filled += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => {
                    too_long = true;
                    filled = 0;
                    if self.at - start > self.limits.runaway_bytes() {
                        return Err(SheetError::CellTooLong { limit: self.limits.max_cell_bytes });
                    }
                }
                ReadFieldResult::Field { record_end } => {
                    self.check_closed(start)?;
                    return Ok(Some(Field {
                        text: if too_long { None } else { Some(self.text_of(filled)?) },
                        ends_row: record_end,
                    }));
                }
                ReadFieldResult::End => return Ok(None),
            }
        }
    }

    fn text_of(&self, filled: usize) -> Result<String, SheetError> {
        std::str::from_utf8(&self.cell[..filled]).map(|text| restore(text).to_owned()).map_err(|error| {
            SheetError::NotUtf8 { line: self.number as usize, offset: self.at - filled + error.valid_up_to() }
        })
    }

    /// The parser forgives a quotation mark left open at the end of the text; but the rows it swallowed
    /// would be missed by nobody.
    fn check_closed(&self, start: usize) -> Result<(), SheetError> {
        let raw = &self.text.as_bytes()[start..self.at];
        let has_odd_quotes = || raw.split(|byte| *byte == b'"').count() % 2 == 0;
        if self.at == self.text.len() && raw.starts_with(b"\"") && has_odd_quotes() {
            return Err(SheetError::UnclosedQuote { row: self.number });
        }
        Ok(())
    }
}

impl RowSource for CsvRows<'_> {
    fn next_row(&mut self, width: usize) -> Result<Option<RawRow>, SheetError> {
        self.skip_empty_lines();
        if self.at == self.text.len() {
            return Ok(None);
        }
        self.number += 1;
        let mut row = RawRow::new(self.number, width);
        let mut column = 0;
        while let Some(field) = self.field()? {
            match field.text {
                Some(text) => row.put(column, text),
                None => row.refuse(column, RowErrorCode::CellTooLong),
            }
            column += 1;
            if field.ends_row {
                break;
            }
        }
        if self.text.as_bytes()[..self.at].ends_with(b"\r") && self.text.as_bytes()[self.at..].starts_with(b"\n") {
            self.at += 1;
        }
        Ok(Some(row))
    }
}

/// Length of the line end that the bytes start with.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}

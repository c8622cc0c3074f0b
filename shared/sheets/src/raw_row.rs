use crate::text::clean;
use crate::{RowErrorCode, SheetError};
use std::borrow::Cow;

/// A row as a format yields it, before the header gives it a meaning.
pub(crate) struct RawRow {
    /// Row of the sheet as a person counts it, from 1.
    pub number: u32,
    /// Cleaned texts, up to the last that is not empty.
    pub cells: Vec<String>,
    width: usize,
    /// The leftmost cell that may not be used, and why.
    pub fault: Option<(usize, RowErrorCode)>,
}

/// What yields rows, top to bottom. `width` is how many columns the caller can use.
pub(crate) trait RowSource {
    /// The next row, blank ones included; `None` after the last.
    fn next_row(&mut self, width: usize) -> Result<Option<RawRow>, SheetError>;
}

impl RawRow {
    pub(crate) fn new(number: u32, width: usize) -> Self {
        Self { number, cells: Vec::new(), width, fault: None }
    }

    /// Places a text; right of the width only a blank one has a place.
    pub(crate) fn put(&mut self, column: usize, text: String) {
        let text = match clean(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(plain) => plain,
        };
        if text.is_empty() {
            return;
        }
        if column < self.width {
            if self.cells.is_empty() {
                self.cells.reserve_exact(self.width);
            }
            if self.cells.len() <= column {
                self.cells.resize(column + 1, String::new());
            }
            self.cells[column] = text;
        } else if !text.trim().is_empty() {
            self.refuse(column, RowErrorCode::TooManyColumns);
        }
    }

    /// Marks the row as one that cannot be used.
    pub(crate) fn refuse(&mut self, column: usize, code: RowErrorCode) {
        if self.fault.is_none_or(|(leftmost, _)| column < leftmost) {
            self.fault = Some((column, code));
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

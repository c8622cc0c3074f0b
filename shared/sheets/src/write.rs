use crate::{CsvWriter, Format, XlsxWriter};
use thiserror::Error;

/// A cell to be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text, never a formula, whatever it opens with. It is [cleaned](crate::clean).
    Text(&'a str),
    /// A whole number; beyond 2⁵³ a workbook gets it as text, since Excel would round it.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
}

/// Why a sheet is not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A row that has not one cell for each column of the header.
    #[error("a row has {found} cells under {expected} columns")]
    Width {
        /// Columns of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// More rows than the writer was made for.
    #[error("the sheet would have more than {limit} rows")]
    TooManyRows {
        /// Rows allowed.
        limit: u32,
    },
    /// NaN or an infinity.
    #[error("a cell's number is not finite")]
    NotFinite,
    /// Excel's own bounds: 1,048,576 rows, 16,384 columns, 32,767 characters a cell.
    #[error("the workbook cannot be written")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The CSV writer's own.
    #[error("the CSV cannot be written")]
    Csv(#[from] csv::Error),
}

/// A sheet being written, in either format.
#[expect(clippy::large_enum_variant, reason = "one is made for each file")]
pub enum SheetWriter {
    /// See [`CsvWriter`].
    Csv(CsvWriter),
    /// See [`XlsxWriter`].
    Xlsx(XlsxWriter),
}

impl SheetWriter {
    /// Starts a sheet with its header; at most `max_rows` rows may follow.
    pub fn new(format: Format, header: &[&str], max_rows: u32) -> Result<Self, WriteError> {
        Ok(match format {
            Format::Csv => Self::Csv(CsvWriter::new(header, max_rows)?),
            Format::Xlsx => Self::Xlsx(XlsxWriter::new(header, max_rows)?),
        })
    }

    /// Adds a row, one cell for each column of the header.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        match self {
            Self::Csv(writer) => writer.row(cells),
            Self::Xlsx(writer) => writer.row(cells),
        }
    }

    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Csv(writer) => writer.finish(),
            Self::Xlsx(writer) => writer.finish(),
        }
    }
}

/// What every writer holds its rows to.
pub(crate) struct Bounds {
    pub columns: usize,
    pub max_rows: u32,
    /// Rows written below the header.
    pub rows: u32,
}

impl Bounds {
    pub(crate) fn new(columns: usize, max_rows: u32) -> Self {
        Self { columns, max_rows, rows: 0 }
    }

    /// Counts a row, unless it may not be written.
    pub(crate) fn admit(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        if cells.len() != self.columns {
            return Err(WriteError::Width { expected: self.columns, found: cells.len() });
        }
        if self.rows >= self.max_rows {
            return Err(WriteError::TooManyRows { limit: self.max_rows });
        }
        if cells.iter().any(|cell| matches!(cell, Cell::Number(number) if !number.is_finite())) {
            return Err(WriteError::NotFinite);
        }
        self.rows += 1;
        Ok(())
    }
}

use crate::column::letters;
use crate::csv_in::CsvRows;
use crate::decode::decode;
use crate::header::header;
use crate::raw_row::{RawRow, RowSource};
use crate::sniff::{Format, sniff};
use crate::xlsx_in::SheetRows;
use crate::{Limits, RowError, RowErrorCode, SheetError};

/// One row below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Row of the sheet as a person sees it: the first line of the sheet is 1, blank rows are counted.
    pub number: u32,
    /// One text for each header, empty where the cell is.
    pub values: Vec<String>,
}

/// A sheet being read from top to bottom, one row in memory at a time.
///
/// As an iterator it yields, for each row that is not blank, the row or why that row is refused; and at
/// most once, as its last item, why the rest of the file cannot be read.
pub struct Reader<'a> {
    rows: Box<dyn RowSource + 'a>,
    format: Format,
    headers: Vec<String>,
    limits: Limits,
    read: u32,
    text: u64,
    ended: bool,
}

/// Starts reading a file whose first row with anything in it is the header.
///
/// Of a workbook the first visible sheet is read: cached values of formulas, dates as ISO 8601, elapsed
/// times as `h:mm:ss`, numbers without float noise, booleans as `true` and `false`, errors as `#N/A`.
/// Of a CSV every cell is text as written, less the apostrophe by which [`CsvWriter`](crate::CsvWriter)
/// keeps it from being a formula. All text is [cleaned](crate::clean).
pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Reader<'a>, SheetError> {
    let format = sniff(bytes, limits)?;
    let mut rows: Box<dyn RowSource + 'a> = match format {
        Format::Xlsx => Box::new(SheetRows::open(bytes, limits)?),
        Format::Csv => Box::new(CsvRows::new(decode(bytes)?, limits)),
    };
    let first = loop {
        match rows.next_row(limits.max_columns)? {
            Some(row) if row.is_blank() => {}
            Some(row) => break row,
            None => return Err(SheetError::HeaderMissing),
        }
    };
    Ok(Reader { rows, format, headers: header(&first, limits)?, limits: *limits, read: 0, text: 0, ended: false })
}

impl Reader<'_> {
    /// What the content was found to be.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Names of the columns, trimmed, each present and unlike the others.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    fn advance(&mut self) -> Result<Option<Result<Row, RowError>>, SheetError> {
        while let Some(row) = self.rows.next_row(self.headers.len())? {
            if row.is_blank() {
                continue;
            }
            self.count(&row)?;
            return Ok(Some(self.checked(row)));
        }
        Ok(None)
    }

    fn count(&mut self, row: &RawRow) -> Result<(), SheetError> {
        if self.read >= self.limits.max_rows {
            return Err(SheetError::TooManyRows { limit: self.limits.max_rows });
        }
        self.read += 1;
        self.text += row.cells.iter().map(|cell| cell.len() as u64).sum::<u64>();
        if self.text > self.limits.max_uncompressed_bytes {
            return Err(SheetError::TooMuchText { limit: self.limits.max_uncompressed_bytes });
        }
        Ok(())
    }

    fn checked(&self, row: RawRow) -> Result<Row, RowError> {
        let Some((column, code)) = row.fault else {
            let mut values = row.cells;
            values.resize(self.headers.len(), String::new());
            return Ok(Row { number: row.number, values });
        };
        let message = match code {
            RowErrorCode::TooManyColumns => {
                format!("there is text right of the {} columns of the header", self.headers.len())
            }
            RowErrorCode::CellTooLong => {
                format!("the cell holds more than {} bytes of text", self.limits.max_cell_bytes)
            }
        };
        Err(RowError { row: row.number, column: letters(column), code, message })
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Result<Row, RowError>, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

impl std::iter::FusedIterator for Reader<'_> {}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("format", &self.format)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

use crate::decode::UTF8_MARK;
use crate::formula::neutralize;
use crate::text::clean;
use crate::write::Bounds;
use crate::{Cell, WriteError};

/// Writes UTF-8 CSV as RFC 4180 has it, behind the byte order mark by which Excel knows UTF-8.
///
/// Text that a spreadsheet program would take for a formula gets a leading apostrophe, as OWASP ("CSV
/// Injection") asks; signed numbers and phone numbers stay as they are. [`read`](crate::read) undoes it.
pub struct CsvWriter {
    csv: csv::Writer<Vec<u8>>,
    bounds: Bounds,
}

impl CsvWriter {
    /// Starts a sheet with its header; at most `max_rows` rows may follow.
    pub fn new(header: &[&str], max_rows: u32) -> Result<Self, WriteError> {
        let csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(UTF8_MARK.to_vec());
        let mut writer = Self { csv, bounds: Bounds::new(header.len(), max_rows) };
        for name in header {
            writer.text(name)?;
        }
        writer.end_row()?;
        Ok(writer)
    }

    /// Adds a row, one cell for each column of the header.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        self.bounds.admit(cells)?;
        for cell in cells {
            match cell {
                Cell::Empty => self.csv.write_field("")?,
                Cell::Text(text) => self.text(text)?,
                Cell::Integer(number) => self.csv.write_field(number.to_string())?,
                Cell::Number(number) => self.csv.write_field(number.to_string())?,
                Cell::Bool(truth) => self.csv.write_field(truth.to_string())?,
            }
        }
        self.end_row()
    }

    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        self.csv.into_inner().map_err(|error| WriteError::Csv(error.into_error().into()))
    }

    fn text(&mut self, text: &str) -> Result<(), WriteError> {
        Ok(self.csv.write_field(neutralize(&clean(text)).as_bytes())?)
    }

    fn end_row(&mut self) -> Result<(), WriteError> {
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }
}

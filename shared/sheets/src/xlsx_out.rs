use crate::text::clean;
use crate::write::Bounds;
use crate::{Cell, WriteError};
use rust_xlsxwriter::{DocProperties, IntoCustomDateTime, Workbook, Worksheet};

/// Writes a workbook of one sheet. Text is written as text, so nothing in it can become a formula.
///
/// Rows leave memory as they are written: the library keeps them in an unnamed temporary file until
/// [`finish`](Self::finish).
pub struct XlsxWriter {
    workbook: Workbook,
    sheet: Worksheet,
    bounds: Bounds,
}

/// The largest whole number up to which a double holds every one.
const EXACT: i64 = 1 << 53;

/// When every workbook says it was made, so that the same rows make the same bytes.
struct FixedTime;

impl IntoCustomDateTime for FixedTime {
    fn utc_datetime(self) -> String {
        "2000-01-01T00:00:00Z".to_owned()
    }
}

impl XlsxWriter {
    /// Starts a sheet with its header, which stays in view; at most `max_rows` rows may follow.
    pub fn new(header: &[&str], max_rows: u32) -> Result<Self, WriteError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_creation_datetime(FixedTime));
        let mut sheet = workbook.new_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(header) {
            sheet.write_string(0, column, clean(name))?;
        }
        Ok(Self { workbook, sheet, bounds: Bounds::new(header.len(), max_rows) })
    }

    /// Adds a row, one cell for each column of the header.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        self.bounds.admit(cells)?;
        let row = self.bounds.rows;
        for (column, cell) in (0..).zip(cells) {
            match *cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    self.sheet.write_string(row, column, clean(text))?;
                }
                Cell::Integer(number) if (-EXACT..=EXACT).contains(&number) => {
                    self.sheet.write_number(row, column, as_double(number))?;
                }
                Cell::Integer(number) => {
                    self.sheet.write_string(row, column, number.to_string())?;
                }
                Cell::Number(number) => {
                    self.sheet.write_number(row, column, number)?;
                }
                Cell::Bool(truth) => {
                    self.sheet.write_boolean(row, column, truth)?;
                }
            }
        }
        Ok(())
    }

    /// The file.
    pub fn finish(mut self) -> Result<Vec<u8>, WriteError> {
        self.workbook.push_worksheet(self.sheet);
        Ok(self.workbook.save_to_buffer()?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "the caller has checked that the number is exact")]
fn as_double(number: i64) -> f64 {
    number as f64
}

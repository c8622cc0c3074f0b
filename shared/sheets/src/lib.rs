//! Spreadsheets in and out: sniffed, bounded, escaped.
//!
//! Bytes in, rows out; rows in, bytes out. [`read`] looks at the content and never at a name, takes XLSX
//! and CSV, and holds every bound of [`Limits`] while it streams. [`SheetWriter`] writes either format so
//! that no cell can become a formula, and what it wrote [`read`] gives back unchanged.

mod column;
mod csv_in;
mod csv_out;
mod decode;
mod delimiter;
mod error;
mod formula;
mod header;
mod limits;
mod raw_row;
mod reader;
mod sniff;
mod text;
mod write;
mod xlsx_in;
mod xlsx_out;

pub use column::letters as column_letters;
pub use csv_out::CsvWriter;
pub use error::{RowError, RowErrorCode, SheetError};
pub use limits::Limits;
pub use reader::{Reader, Row, read};
pub use sniff::Format;
pub use text::clean;
pub use write::{Cell, SheetWriter, WriteError};
pub use xlsx_out::XlsxWriter;

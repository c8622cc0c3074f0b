//! XLSX as a stream.
//!
//! Why not calamine, which reads this format well: it holds a cell whole before anyone can measure it,
//! keeps all shared strings, reserves memory by the file's own word (`uniqueCount`), and adds up cell
//! references unchecked. Each of these is a small file away from ending the process. Here every byte passes
//! a counter ([`part`]), and every token and table has a bound. Tests hold the two readers to the same
//! answers on honest files.

mod cell;
mod date;
mod formats;
mod number;
mod package;
mod part;
mod sheet;
mod strings;
mod workbook;
mod xml;

pub(crate) use sheet::SheetRows;

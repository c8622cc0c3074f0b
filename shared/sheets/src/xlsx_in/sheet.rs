use super::cell::Collector;
use super::date::iso;
use super::formats::Formats;
use super::number::{finite, number_text};
use super::package::Package;
use super::strings::{Shared, SharedStrings};
use super::workbook::Workbook;
use super::xml::{Node, Xml, bad_attribute};
use crate::column::of_reference;
use crate::raw_row::{RawRow, RowSource};
use crate::{Limits, RowErrorCode, SheetError};
use quick_xml::events::BytesStart;

/// Rows of a sheet, as Excel's specifications and limits have it.
const MAX_ROWS: u32 = 1_048_576;

/// Rows of the first visible sheet of a workbook.
pub(crate) struct SheetRows<'a> {
    xml: Xml<'a>,
    strings: SharedStrings,
    formats: Formats,
    from_1904: bool,
    collector: Collector,
    cell: CellStart,
    row: u32,
    in_data: bool,
}

/// What the start of a cell says of it.
#[derive(Clone, Copy)]
struct CellStart {
    column: usize,
    kind: Kind,
    format: usize,
}

/// How a cell's value is written (ECMA-376 part 1, 18.18.11).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Inline,
    Bool,
    /// The text of a formula's value.
    Text,
    /// An error such as `#N/A`, or a date already in ISO 8601.
    Verbatim,
}

impl<'a> SheetRows<'a> {
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, SheetError> {
        let mut package = Package::open(bytes, limits)?;
        let workbook = Workbook::read(&mut package)?;
        let strings = SharedStrings::read(&mut package, workbook.strings.as_deref(), limits)?;
        let formats = Formats::read(&mut package, workbook.styles.as_deref())?;
        let xml = package.part(&workbook.sheet)?.ok_or_else(|| SheetError::damaged("its first sheet is missing"))?;
        Ok(Self {
            xml,
            strings,
            formats,
            from_1904: workbook.from_1904,
            collector: Collector::new(limits.max_cell_bytes),
            cell: CellStart { column: 0, kind: Kind::Number, format: 0 },
            row: 0,
            in_data: false,
        })
    }
}

impl RowSource for SheetRows<'_> {
    fn next_row(&mut self, width: usize) -> Result<Option<RawRow>, SheetError> {
        let mut row: Option<RawRow> = None;
        let mut next_column = 0;
        // To the end of the part rather than of the data, so that its size and checksum are looked at.
        while let Some(node) = self.xml.next()? {
            match node {
                Node::Start(element) => match element.local_name().as_ref() {
                    "sheetData" => self.in_data = true,
                    "row" if self.in_data => {
                        self.row = row_number(&element, self.row)?;
                        row = Some(RawRow::new(self.row, width));
                        next_column = 0;
                    }
                    "c" if row.is_some() => {
                        self.cell = cell_start(&element, next_column)?;
                        next_column = self.cell.column + 1;
                        let inline = self.cell.kind == Kind::Inline;
                        self.collector.restart(if inline { "t" } else { "v" });
                    }
                    name => self.collector.open(name),
                },
                Node::Text(text) => self.collector.push(&text),
                Node::End(element) => match element.local_name().as_ref() {
                    "sheetData" => self.in_data = false,
                    "row" if row.is_some() => return Ok(row),
                    "c" => {
                        if let Some(row) = &mut row {
                            place(row, self.cell, &mut self.collector, &self.strings, &self.formats, self.from_1904)?;
                        }
                    }
                    name => self.collector.close(name),
                },
                Node::Aside => {}
            }
        }
        Ok(None)
    }
}

/// Puts a cell's text into its row.
fn place(
    row: &mut RawRow,
    cell: CellStart,
    collector: &mut Collector,
    strings: &SharedStrings,
    formats: &Formats,
    from_1904: bool,
) -> Result<(), SheetError> {
    let Some(raw) = collector.text() else {
        row.refuse(cell.column, RowErrorCode::CellTooLong);
        return Ok(());
    };
    if raw.is_empty() {
        return Ok(());
    }
    let text = match cell.kind {
        Kind::Shared => match strings.get(raw)? {
            Shared::Text(text) => text.to_owned(),
            Shared::TooLong => {
                row.refuse(cell.column, RowErrorCode::CellTooLong);
                return Ok(());
            }
        },
        Kind::Number => {
            let moment =
                formats.shown(cell.format).zip(finite(raw)).and_then(|(shown, serial)| iso(serial, shown, from_1904));
            moment.or_else(|| number_text(raw)).unwrap_or_else(|| raw.to_owned())
        }
        Kind::Bool => match raw.trim() {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_ascii_lowercase(),
        },
        Kind::Inline | Kind::Text => collector.take_escaped().unwrap_or_default(),
        Kind::Verbatim => raw.to_owned(),
    };
    row.put(cell.column, text);
    Ok(())
}

/// The row's number: its own, or one more than the row before.
fn row_number(element: &BytesStart<'_>, before: u32) -> Result<u32, SheetError> {
    let mut number = before.checked_add(1);
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| bad_attribute())?;
        if attribute.key.as_ref() == "r" {
            number = attribute.value.parse().ok();
        }
    }
    number
        .filter(|number| (1..=MAX_ROWS).contains(number))
        .ok_or_else(|| SheetError::damaged("a row has no place in a sheet"))
}

fn cell_start(element: &BytesStart<'_>, next_column: usize) -> Result<CellStart, SheetError> {
    let mut start = CellStart { column: next_column, kind: Kind::Number, format: 0 };
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| bad_attribute())?;
        let value = attribute.value.as_ref();
        match attribute.key.as_ref() {
            "r" => {
                start.column =
                    of_reference(value).ok_or_else(|| SheetError::damaged("a cell has no place in a sheet"))?;
            }
            "s" => start.format = value.parse().unwrap_or(0),
            "t" => {
                start.kind = match value {
                    "s" => Kind::Shared,
                    "inlineStr" => Kind::Inline,
                    "b" => Kind::Bool,
                    "str" => Kind::Text,
                    "n" => Kind::Number,
                    _ => Kind::Verbatim,
                };
            }
            _ => {}
        }
    }
    Ok(start)
}

//! The uploaded file, row by row.

use domain::job::{Failure, RowProblem};
use domain::lead::RowMapping;
use domain::{Claim, Invalid};
use indexmap::IndexMap;
use serde_json::value::{RawValue, to_raw_value};
use sheets::{Limits, SheetError};

/// A row of the file.
#[derive(Debug)]
pub(crate) struct FileRow {
    pub(crate) number: u32,
    /// The cells of the columns that carry something, as a JSON list: rows wait in memory as text.
    pub(crate) values: Box<RawValue>,
    pub(crate) refused: Option<RowProblem>,
    pub(crate) identifiers: Vec<Claim>,
}

/// The code of a row that the organization's plan has no room for.
const NO_ROOM: &str = "plan_limit";

impl FileRow {
    /// Refuses it, as the plan holds no more leads.
    pub(crate) fn without_room(&mut self) {
        let why = Invalid::new(NO_ROOM, "the organization's plan has no room for another lead");
        self.refused.get_or_insert_with(|| RowProblem::new(self.number, "", &why, ""));
    }

    /// Whether it was refused so.
    pub(crate) fn is_without_room(&self) -> bool {
        self.refused.as_ref().is_some_and(|problem| problem.code == NO_ROOM)
    }
}

/// All rows, or why the file cannot be read to its end.
pub(crate) fn rows(bytes: &[u8], asked: &IndexMap<String, String>) -> Result<Vec<FileRow>, Failure> {
    let mut reader = sheets::read(bytes, &Limits::default()).map_err(|error| unreadable(&error))?;
    let mapping = RowMapping::new(reader.headers(), asked).map_err(|errors| Failure {
        code: "bad_mapping".to_owned(),
        message: errors.first().map_or_else(String::new, ToString::to_string),
    })?;
    let places = mapping.places();
    let mut rows = Vec::new();
    for row in &mut reader {
        rows.push(match row.map_err(|error| unreadable(&error))? {
            Ok(row) => {
                let values: Vec<&str> =
                    places.iter().filter_map(|place| row.values.get(*place)).map(String::as_str).collect();
                FileRow {
                    number: row.number,
                    identifiers: mapping.identifiers(values.iter().copied()),
                    values: raw(&values)?,
                    refused: None,
                }
            }
            Err(error) => {
                let invalid = Invalid::new(error.code.as_str(), error.message);
                FileRow {
                    number: error.row,
                    values: raw(&[])?,
                    refused: Some(RowProblem::new(error.row, &error.column, &invalid, "")),
                    identifiers: Vec::new(),
                }
            }
        });
    }
    Ok(rows)
}

fn raw(values: &[&str]) -> Result<Box<RawValue>, Failure> {
    to_raw_value(values).map_err(|error| Failure { code: "internal".to_owned(), message: error.to_string() })
}

fn unreadable(error: &SheetError) -> Failure {
    Failure { code: error.code().to_owned(), message: error.to_string() }
}

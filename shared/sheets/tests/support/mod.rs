//! Workbooks made by hand, so that tests can make them wrong.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use sheets::{Limits, Row, RowError, SheetError, read};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// Everything a file yields.
#[derive(Debug)]
pub struct Sheet {
    pub headers: Vec<String>,
    pub rows: Vec<Row>,
    pub refused: Vec<RowError>,
}

impl Sheet {
    pub fn values(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.values.iter().map(String::as_str).collect()).collect()
    }
}

pub fn read_all(bytes: &[u8]) -> Result<Sheet, SheetError> {
    read_within(bytes, &Limits::default())
}

pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Sheet, SheetError> {
    let mut reader = read(bytes, limits)?;
    let headers = reader.headers().to_vec();
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    for row in &mut reader {
        match row? {
            Ok(row) => rows.push(row),
            Err(error) => refused.push(error),
        }
    }
    assert!(reader.next().is_none(), "a reader that has ended stays ended");
    Ok(Sheet { headers, rows, refused })
}

const ROOTS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><workbookPr/><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const LINKS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://x/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="http://x/relationships/styles" Target="styles.xml"/></Relationships>"#;

/// The parts of a workbook; each may be replaced.
pub struct Parts(Vec<(String, Vec<u8>)>);

impl Parts {
    /// A workbook whose sheet holds these rows of XML.
    pub fn with_rows(rows: &str) -> Self {
        Self::with_sheet(format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
    }

    pub fn with_sheet(sheet: impl AsRef<[u8]>) -> Self {
        Self(Vec::new())
            .set("_rels/.rels", ROOTS)
            .set("xl/workbook.xml", WORKBOOK)
            .set("xl/_rels/workbook.xml.rels", LINKS)
            .set("xl/worksheets/sheet1.xml", sheet)
    }

    /// Adds or replaces a part.
    pub fn set(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), content.as_ref().to_vec()));
        self
    }

    /// Adds a part without looking whether it is there.
    pub fn push(&mut self, name: &str, content: &[u8]) {
        self.0.push((name.to_owned(), content.to_vec()));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    pub fn strings(self, strings: &str) -> Self {
        self.set("xl/sharedStrings.xml", format!("<sst>{strings}</sst>"))
    }

    pub fn zip(&self) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.0 {
            let options = SimpleFileOptions::default();
            zip.start_file(name.as_str(), options).expect("an entry is started");
            zip.write_all(content).expect("an entry is written");
        }
        zip.finish().expect("the archive is finished").into_inner()
    }
}

/// Makes the archive claim another size for an entry, in its directory and before the entry itself.
pub fn claim_size(zip: &mut [u8], name: &str, size: u32) {
    for (signature, name_at, size_at) in [(b"PK\x01\x02", 46, 24), (b"PK\x03\x04", 30, 22)] {
        let header = (0..zip.len())
            .find(|at| {
                zip[*at..].starts_with(signature)
                    && zip[at + name_at.min(zip.len() - at)..].starts_with(name.as_bytes())
            })
            .expect("the entry has a header");
        zip[header + size_at..][..4].copy_from_slice(&size.to_le_bytes());
    }
}

/// A cell with text in it.
pub fn cell(reference: &str, text: &str) -> String {
    format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// A header row of columns A and B.
pub fn header() -> String {
    format!("<row r=\"1\">{}{}</row>", cell("A1", "Name"), cell("B1", "Phone"))
}

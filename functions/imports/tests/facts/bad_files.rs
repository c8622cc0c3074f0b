//! Files that are not what they should be: a clear answer each, and never half an import.

use std::io::{Cursor, Write};

use crate::support::{Desk, options};
use domain::job::{ImportOptions, JobStatus};
use domain::{Lead, Slot};
use std::num::NonZeroU32;
use store::ListQuery;
use zip::write::SimpleFileOptions;

const ROOTS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><workbookPr/><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const LINKS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook whose sheet is written in parts.
fn workbook<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, content) in
        [("_rels/.rels", ROOTS), ("xl/workbook.xml", WORKBOOK), ("xl/_rels/workbook.xml.rels", LINKS)]
    {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(content.as_bytes()).expect("an entry");
    }
    zip.start_file("xl/worksheets/sheet1.xml", options).expect("an entry");
    zip.write_all(b"<worksheet><sheetData>").expect("an entry");
    for part in parts {
        zip.write_all(part).expect("an entry");
    }
    zip.write_all(b"</sheetData></worksheet>").expect("an entry");
    zip.finish().expect("an archive").into_inner()
}

fn row(number: u32, cells: [&str; 2]) -> Vec<u8> {
    let cell =
        |column: &str, text: &str| format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    format!("<row r=\"{number}\">{}{}</row>", cell("A", cells[0]), cell("B", cells[1])).into_bytes()
}

async fn leads(desk: &Desk) -> Vec<Lead> {
    let query = ListQuery::new(Slot::One, "all", "", NonZeroU32::new(100).expect("a limit"));
    desk.world.platform.table().list(&desk.grant, &query, |_| true).await.expect("a list").records
}

/// How a file ends: refused when it is handed in, failed, or imported, with the code or the figures.
async fn fate(file: &[u8]) -> String {
    let desk = Desk::new().await;
    if let Err(error) = sheets::read(file, &sheets::Limits::default()) {
        return format!("refused: {}", error.code());
    }
    let dry = desk.import(file, ImportOptions { dry_run: true, ..options() }).await;
    let job = desk.import(file, options()).await;
    assert_eq!((dry.status, &dry.failure, dry.tally), (job.status, &job.failure, job.tally), "a dry run promises");
    let created = leads(&desk).await.len();
    match job.failure {
        Some(failure) => {
            assert_eq!((job.status, created), (JobStatus::Failed, 0), "nothing is half-imported");
            format!("failed: {}", failure.code)
        }
        None => format!("{created} created, {} rejected", job.tally.rejected),
    }
}

#[tokio::test]
async fn each_bad_file_gets_a_clear_answer() {
    let header = row(1, ["Name", "E-mail"]);
    let person = row(2, ["Person 1", "person1@example.com"]);
    let rows = b"<row></row>".repeat(100_000);
    let letters = vec![b'x'; 1 << 20];
    let bomb = workbook([header.as_slice(), &person].into_iter().chain(std::iter::repeat_n(rows.as_slice(), 40)));
    let cell = workbook(
        [header.as_slice(), &person, b"<row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>"]
            .into_iter()
            .chain(std::iter::repeat_n(letters.as_slice(), 100))
            .chain([b"</t></is></c></row>".as_slice()]),
    );
    let mut endless = b"Name,E-mail\r\nPerson 1,person1@example.com\r\n\"".to_vec();
    endless.extend_from_slice(&letters);
    for (what, file, expected) in [
        ("a workbook under any name", workbook([header.as_slice(), &person]), "1 created, 0 rejected"),
        ("a bomb", bomb, "failed: ratio_too_high"),
        ("a cell of 100 MB", cell, "failed: cell_too_long"),
        ("a cell of 1 MB in a CSV", endless, "failed: cell_too_long"),
        ("an older encoding", b"Name,E-mail\r\nJos\xE9,jose@example.com\r\n".to_vec(), "refused: not_utf8"),
        ("no header", b"person1@example.com,98765 43210\r\n".to_vec(), "refused: header_looks_like_data"),
        ("nothing", b" \r\n".to_vec(), "refused: empty"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "refused: unsupported_file"),
        ("half a workbook", workbook([header.as_slice(), &person])[..400].to_vec(), "refused: damaged"),
    ] {
        assert_eq!(fate(&file).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_formula_stays_text() {
    let desk = Desk::new().await;
    let formula = r#"=HYPERLINK("https://evil.example","x")"#;
    let file = format!("Name,E-mail,Notes\r\n\"=1+1\",person1@example.com,\"{}\"\r\n", formula.replace('"', "\"\""));
    desk.import(file.as_bytes(), options()).await;
    let imported = leads(&desk).await;
    assert_eq!(imported[0].full_name.as_ref().map(ToString::to_string).as_deref(), Some("=1+1"));
    assert_eq!(imported[0].custom_fields.get("Notes"), Some(&formula.into()));
}

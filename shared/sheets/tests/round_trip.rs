//! What is written is read back unchanged, and no bytes make the reader panic.

mod support;

use proptest::prelude::*;
use sheets::{Cell, Format, SheetWriter, WriteError, clean};
use support::{Parts, read_all};

fn write(format: Format, rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = SheetWriter::new(format, &["Name", "=Phone", "-Note"], 1000).expect("the sheet is started");
    for row in rows {
        let cells: Vec<Cell<'_>> = row.iter().map(|text| Cell::Text(text)).collect();
        writer.row(&cells).expect("the row is written");
    }
    writer.finish().expect("the sheet is finished")
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "\\PC{0,12}",
        1 => any::<String>(),
        2 => "'{0,2}[-=+@\t\r\n＝][-+0-9. (),;\"|A-Z]{0,8}",
        1 => "_x[0-9A-F]{4}_|<r><t>x</t></r>|&amp;|]]>| +x +",
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    let row = proptest::collection::vec(text(), 3);
    let rows = proptest::collection::vec(row, 1..6);
    // A row with nothing in it is not a row.
    rows.prop_map(|rows| rows.into_iter().filter(|row| row.iter().any(|text| !clean(text).trim().is_empty())).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(rows in rows()) {
        for format in [Format::Csv, Format::Xlsx] {
            let sheet = read_all(&write(format, &rows)).expect("our own file is read");
            prop_assert_eq!(&sheet.headers, &["Name", "=Phone", "-Note"]);
            let expected: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|text| clean(text)).collect()).collect();
            prop_assert_eq!(sheet.values(), expected, "{:?}", format);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0_usize..6) {
        let starts: [&[u8]; 6] = [b"", b"a,b\n", b"PK\x03\x04", b"\xFF\xFE", b"\xFE\xFF", b"\xD0\xCF\x11\xE0"];
        let _outcome = read_all(&[starts[start], &bytes].concat());
    }

    #[test]
    fn no_csv_loses_a_row_silently(text in "[ab,;\"\n\r]{0,60}") {
        if let Ok(sheet) = read_all(text.as_bytes()) {
            let last = sheet.rows.iter().map(|row| row.number).chain(sheet.refused.iter().map(|row| row.row)).max();
            let lines = u32::try_from(text.replace("\r\n", "\n").split(['\n', '\r']).count()).expect("few lines");
            prop_assert!(last.unwrap_or(0) <= lines);
        }
    }

    #[test]
    fn no_workbook_makes_the_reader_panic(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        part in proptest::sample::select(PARTS),
    ) {
        let content = pieces.concat();
        let parts = Parts::with_rows(r#"<row r="1"><c r="A1" t="str"><v>A</v></c></row><row><c s="1"><v>5</v></c></row>"#);
        let _outcome = read_all(&parts.set(part, content).zip());
    }

    #[test]
    fn no_flipped_byte_makes_the_reader_panic(flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = Parts::with_rows(r#"<row r="1"><c r="A1" t="str"><v>A</v></c></row>"#).strings("<si><t>x</t></si>").zip();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _outcome = read_all(&bytes);
    }
}

const PARTS: &[&str] = &[
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
];

const PIECES: &[&str] = &[
    "<worksheet>",
    "<sheetData>",
    "</sheetData>",
    "<row>",
    "<row r=\"3\">",
    "</row>",
    "<row/>",
    "<c>",
    "</c>",
    "<c r=\"B2\" t=\"s\">",
    "<c r=\"A4294967295\">",
    "<c t=\"b\" s=\"1\">",
    "<c s=\"18446744073709551615\">",
    "<v>",
    "</v>",
    "<v>0</v>",
    "<v>1e308</v>",
    "<is>",
    "</is>",
    "<t>",
    "</t>",
    "<rPh>",
    "</rPh>",
    "<f>",
    "</f>",
    "text",
    "&amp;",
    "&#10;",
    "&x;",
    "<![CDATA[x]]>",
    "<!-- x -->",
    "<?x?>",
    "<!",
    "<![",
    "<",
    ">",
    "</",
    "/>",
    "\"",
    "=",
    "\0",
    "é",
    "<sst>",
    "<si>",
    "</si>",
    "<numFmt numFmtId=\"1\" formatCode=\"[\"/>",
    "<numFmt numFmtId=\"1\" formatCode=\"\\\"/>",
    "<cellXfs>",
    "<xf numFmtId=\"1\"/>",
    "<workbook>",
    "<sheet r:id=\"r1\"/>",
    "<Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"../..\"/>",
    "<Relationship Type=\"x/officeDocument\" Target=\"xl/workbook.xml\"/>",
];

#[test]
fn a_csv_holds_no_formula_and_a_workbook_no_formula_cell() {
    let row = vec![vec!["=1+1".to_owned(), "+919812345678".to_owned(), "@SUM(A1)".to_owned()]];
    let csv = String::from_utf8(write(Format::Csv, &row)).expect("CSV is UTF-8");
    assert_eq!(csv, "\u{FEFF}Name,'=Phone,'-Note\r\n'=1+1,+919812345678,'@SUM(A1)\r\n");

    let workbook = write(Format::Xlsx, &row);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(workbook)).expect("it is an archive");
    let mut part = zip.by_name("xl/worksheets/sheet1.xml").expect("it has a sheet");
    let sheet = std::io::read_to_string(&mut part).expect("the sheet is text");
    assert!(sheet.contains("<t>=1+1</t>") && !sheet.contains("<f>"), "{sheet}");
}

#[test]
fn numbers_and_flags_are_read_back_as_text() {
    for format in [Format::Csv, Format::Xlsx] {
        let mut writer = SheetWriter::new(format, &["A", "B", "C", "D", "E"], 1).expect("the sheet is started");
        let cells = [Cell::Integer(-12), Cell::Integer(i64::MIN), Cell::Number(0.1), Cell::Bool(true), Cell::Empty];
        writer.row(&cells).expect("the row is written");
        let sheet = read_all(&writer.finish().expect("the sheet is finished")).expect("our own file is read");
        assert_eq!(sheet.values(), [["-12", "-9223372036854775808", "0.1", "true", ""]], "{format:?}");
    }
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let rows = [vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]];
    assert_eq!(write(Format::Xlsx, &rows), write(Format::Xlsx, &rows));
}

#[test]
fn a_monotonous_export_is_not_taken_for_a_bomb() {
    let mut writer = SheetWriter::new(Format::Xlsx, &["Name", "Phone", "Note"], 50_000).expect("the sheet is started");
    for _ in 0..50_000 {
        writer.row(&[Cell::Text("New"), Cell::Empty, Cell::Text("New")]).expect("the row is written");
    }
    let sheet = read_all(&writer.finish().expect("the sheet is finished")).expect("our own file is read");
    assert_eq!(sheet.rows.len(), 50_000);
}

#[test]
fn a_writer_holds_its_bounds() {
    for format in [Format::Csv, Format::Xlsx] {
        let mut writer = SheetWriter::new(format, &["A"], 1).expect("the sheet is started");
        assert!(matches!(writer.row(&[]), Err(WriteError::Width { expected: 1, found: 0 })));
        assert!(matches!(writer.row(&[Cell::Number(f64::NAN)]), Err(WriteError::NotFinite)));
        writer.row(&[Cell::Empty]).expect("the row is written");
        assert!(matches!(writer.row(&[Cell::Empty]), Err(WriteError::TooManyRows { limit: 1 })));
    }
}

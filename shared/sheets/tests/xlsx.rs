//! Workbooks, honest and not.

mod support;

use sheets::{Limits, RowErrorCode, SheetError};
use std::time::{Duration, Instant};
use support::{Parts, cell, claim_size, header, read_all, read_within};

const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy hh:mm"/></numFmts>
    <cellStyleXfs><xf numFmtId="22"/></cellStyleXfs>
    <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="46"/></cellXfs></styleSheet>"#;

/// The values of one row with these cells below headers A to F.
fn row_of(cells: &str) -> Vec<String> {
    let head: String = ["A", "B", "C", "D", "E", "F"].iter().map(|name| cell(&format!("{name}1"), name)).collect();
    let bytes = Parts::with_rows(&format!("<row r=\"1\">{head}</row><row r=\"2\">{cells}</row>"))
        .set("xl/styles.xml", STYLES)
        .strings("<si><t>shared</t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>hint</t></rPh></si><si><t>a_x000D_b &amp; &#x41;</t></si>")
        .zip();
    let sheet = read_all(&bytes).expect("the workbook is read");
    sheet.rows.into_iter().next().expect("it has a row").values
}

fn refusal(parts: &Parts) -> SheetError {
    read_all(&parts.zip()).expect_err("the workbook is refused")
}

#[test]
fn values_are_text_as_a_person_would_write_them() {
    let row = row_of(
        r#"<c r="A2"><v>12.0</v></c><c r="B2"><v>1.1000000000000001</v></c><c r="C2"><v>919812345678</v></c>
           <c r="D2" t="b"><v>1</v></c><c r="E2" t="b"><v>0</v></c><c r="F2" t="e"><v>#N/A</v></c>"#,
    );
    assert_eq!(row, ["12", "1.1", "919812345678", "true", "false", "#N/A"]);
    let row = row_of(
        r#"<c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c>
           <c r="D2" t="inlineStr"><is><t>in</t></is><v>9</v></c><c r="E2" t="n"/><c r="F2" t="str"><v>x</v></c>"#,
    );
    assert_eq!(row, ["shared", "rich", "a\nb & A", "in", "", "x"]);
}

#[test]
fn dates_are_iso_8601() {
    let row = row_of(
        r#"<c r="A2" s="1"><v>46346</v></c><c r="B2" s="2"><v>46346.5729166667</v></c><c r="C2" s="3"><v>1.5</v></c>
           <c r="D2" t="d"><v>2026-11-20</v></c><c r="E2" s="1"><v>-3</v></c><c r="F2" s="99"><v>5</v></c>"#,
    );
    assert_eq!(row, ["2026-11-20", "2026-11-20T13:45:00", "36:00:00", "2026-11-20", "-3", "5"]);
}

#[test]
fn a_formula_gives_its_cached_value() {
    let row = row_of(
        r#"<c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="C2"><f>NOW()</f></c>
           <c r="D2" t="inlineStr"><is><t>=1+1</t></is></c>"#,
    );
    assert_eq!(row, ["2", "ab", "", "=1+1", "", ""]);
}

#[test]
fn cells_and_rows_without_references_follow_each_other() {
    let rows = r#"<row><c t="str"><v>A</v></c><c t="str"><v>B</v></c></row><row/><row><c><v>1</v></c><c><v>2</v></c></row>
        <row r="9"><c r="B9"><v>3</v></c></row>"#;
    let sheet = read_all(&Parts::with_rows(rows).zip()).expect("it is read");
    assert_eq!(sheet.values(), [["1", "2"], ["", "3"]]);
    assert_eq!(sheet.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 9]);
}

#[test]
fn the_first_visible_sheet_is_the_one_read() {
    let parts = Parts::with_rows(&header())
        .set(
            "xl/workbook.xml",
            r#"<x:workbook xmlns:x="u"><x:workbookPr date1904="1"/><x:sheets><x:sheet state="hidden" r:id="r9"/><x:sheet r:id="chart"/><x:sheet r:id="r1"/></x:sheets></x:workbook>"#,
        )
        .set("xl/_rels/workbook.xml.rels", r#"<Relationships><Relationship Id="r9" Type="a/worksheet" Target="none.xml"/><Relationship Id="chart" Type="a/chartsheet" Target="c.xml"/><Relationship Id="r1" Type="a/worksheet" Target="/XL\Worksheets\Sheet1.xml"/></Relationships>"#);
    assert_eq!(read_all(&parts.zip()).expect("it is read").headers, ["Name", "Phone"]);
}

#[test]
fn long_rows_and_long_cells_cost_their_row_only() {
    let long = "x".repeat(40_000);
    let rows = format!(
        "{}<row r=\"2\">{}</row><row r=\"3\"><c r=\"B3\" t=\"s\"><v>0</v></c></row><row r=\"4\">{}</row><row r=\"5\">{}</row>",
        header(),
        cell("A2", &long),
        cell("AA4", "beyond"),
        cell("A5", "kept"),
    );
    let parts = Parts::with_rows(&rows).strings(&format!("<si><t>{long}</t></si>"));
    let sheet = read_all(&parts.zip()).expect("it is read");
    assert_eq!(sheet.values(), [["kept", ""]]);
    let refused: Vec<_> = sheet.refused.iter().map(|error| (error.row, error.column.as_str(), error.code)).collect();
    assert_eq!(
        refused,
        [
            (2, "A", RowErrorCode::CellTooLong),
            (3, "B", RowErrorCode::CellTooLong),
            (4, "AA", RowErrorCode::TooManyColumns)
        ]
    );
}

#[test]
fn limits_hold_in_a_workbook_too() {
    let limits = Limits { max_rows: 1, max_columns: 2, ..Limits::default() };
    let rows = |count: u32| {
        (2..2 + count)
            .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"><v>1</v></c></row>"))
            .collect::<Vec<_>>()
            .concat()
    };
    let within = |rows: String| read_within(&Parts::with_rows(&rows).zip(), &limits);
    assert!(within(header() + &rows(1)).is_ok());
    assert_eq!(within(header() + &rows(2)).expect_err("two rows"), SheetError::TooManyRows { limit: 1 });
    let wide = header().replace("</row>", &format!("{}</row>", cell("C1", "Third")));
    assert_eq!(within(wide).expect_err("three columns"), SheetError::HeaderTooWide { limit: 2 });
}

#[test]
fn entities_and_document_types_are_refused() {
    let sheet = |prolog: &str, text: &str| {
        Parts::with_sheet(format!(
            "{prolog}<worksheet><sheetData><row>{}</row></sheetData></worksheet>",
            cell("A1", text)
        ))
    };
    for parts in [
        sheet("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "&x;"),
        sheet("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\">", "x"),
        sheet("<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>", "&b;"),
        sheet("", "&undeclared;"),
        Parts::with_rows(&header()).set("xl/sharedStrings.xml", "<!DOCTYPE sst><sst/>"),
        Parts::with_rows(&header()).set("xl/styles.xml", "<!DOCTYPE x><styleSheet/>"),
        Parts::with_rows(&header()).set("_rels/.rels", "<!DOCTYPE x><Relationships/>"),
    ] {
        assert_eq!(refusal(&parts), SheetError::ForbiddenXml);
    }
}

#[test]
fn names_in_the_archive_are_never_paths() {
    let parts = Parts::with_rows(&header()).set("../../../../tmp/evil", "x").set("/etc/passwd", "x");
    assert_eq!(read_all(&parts.zip()).expect("it is read").headers, ["Name", "Phone"]);
    let parts = Parts::with_rows(&header()).set(
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="r1" Type="a/worksheet" Target="../../../../../etc/passwd"/></Relationships>"#,
    );
    assert_eq!(refusal(&parts).code(), "damaged");
}

#[test]
fn an_archive_that_is_no_workbook_is_called_what_it_looks_like() {
    let empty = zip::ZipWriter::new(std::io::Cursor::new(Vec::new())).finish().expect("an empty archive").into_inner();
    assert_eq!(read_all(&empty).expect_err("no parts").code(), "unsupported_file");
    let root = |target: &str| {
        format!(r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="{target}"/></Relationships>"#)
    };
    for (parts, what) in [
        (Parts::with_rows("").set("_rels/.rels", "<Relationships/>"), "a ZIP archive without a workbook"),
        (
            Parts::with_rows("").set("_rels/.rels", root("word/document.xml")).set("word/document.xml", "<document/>"),
            "a Word document",
        ),
        (
            Parts::with_rows("").set("_rels/.rels", root("xl/workbook.bin")).set("xl/workbook.bin", "\0"),
            "a binary workbook (.xlsb)",
        ),
    ] {
        assert_eq!(refusal(&parts), SheetError::Unsupported { what });
    }
}

#[test]
fn a_damaged_workbook_is_an_error_and_no_panic() {
    let whole = Parts::with_rows(&(header() + "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>")).zip();
    for length in 4..whole.len() {
        assert!(read_all(&whole[..length]).is_err(), "the first {length} bytes are no workbook");
    }
    for rows in [
        "<row r=\"0\"/>",
        "<row r=\"1048577\"/>",
        "<row r=\"99999999999999999999\"/>",
        "<row><c r=\"ZZZZZZZZZZZZ1\"/></row>",
        "<row><c r=\"XFE1\"/></row>",
        "<row><c r=\"A1\" t=\"s\"><v>7</v></c></row>",
        "<row><c r=\"A1\" t=\"s\"><v>-1</v></c></row>",
        "<row><c r=A1></c></row>",
        "<row><c>",
        "</row>",
        "<row>&#0;</row>",
        "<row>&#xD800;</row>",
    ] {
        assert_eq!(refusal(&Parts::with_rows(rows)).code(), "damaged", "{rows}");
    }
    assert_eq!(refusal(&Parts::with_rows(&"<a>".repeat(100_000))).code(), "damaged");
}

#[test]
fn what_the_file_says_of_its_own_size_reserves_nothing() {
    let parts = Parts::with_sheet(format!(
        "<worksheet><dimension ref=\"XFD1048576:A1\"/><sheetData>{}</sheetData></worksheet>",
        header()
    ))
    .set("xl/sharedStrings.xml", "<sst count=\"18446744073709551615\" uniqueCount=\"18446744073709551615\"/>");
    assert_eq!(read_all(&parts.zip()).expect("it is read").headers.len(), 2);
}

#[test]
fn a_flipped_bit_is_noticed() {
    let name = "Asha Example".repeat(20);
    let parts = Parts::with_rows(&(header() + &format!("<row r=\"2\">{}</row>", cell("A2", &name))));
    let mut stored = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (part, content) in parts.iter() {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        stored.start_file(part, options).expect("an entry is started");
        std::io::Write::write_all(&mut stored, content).expect("an entry is written");
    }
    let mut bytes = stored.finish().expect("the archive is finished").into_inner();
    assert!(read_all(&bytes).is_ok());
    let at = bytes.windows(4).position(|window| window == b"Asha").expect("the name is there");
    bytes[at] ^= 1;
    assert_eq!(read_all(&bytes).expect_err("the checksum is wrong").code(), "damaged");
}

/// Refuses within the time the figures give; ten times that without optimization.
fn refused_fast(bytes: &[u8], limits: &Limits) -> SheetError {
    let start = Instant::now();
    let error = read_within(bytes, limits).expect_err("the bomb is refused");
    let allowed = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 100 });
    let took = start.elapsed();
    assert!(took <= allowed, "{error}: took {took:?}");
    error
}

#[test]
fn bombs_are_refused_in_a_tenth_of_a_second() {
    let limits = Limits::default();
    let filled = |megabytes: usize| "<row></row>".repeat((megabytes << 20) / 11);

    let honest = Parts::with_rows(&filled(210)).zip();
    assert_eq!(refused_fast(&honest, &limits).code(), "unpacks_too_large");

    let mut lying = honest;
    claim_size(&mut lying, "xl/worksheets/sheet1.xml", 1000);
    assert_eq!(refused_fast(&lying, &limits).code(), "damaged");
    claim_size(&mut lying, "xl/worksheets/sheet1.xml", 150 << 20);
    assert_eq!(refused_fast(&lying, &limits).code(), "ratio_too_high");

    let dense = Parts::with_rows(&filled(20)).zip();
    assert_eq!(refused_fast(&dense, &limits).code(), "ratio_too_high");

    let strings = Parts::with_rows(&header()).strings(&"<si/>".repeat(4 << 20)).zip();
    assert_eq!(refused_fast(&strings, &limits).code(), "ratio_too_high");

    let mut crowd = Parts::with_rows(&header());
    for number in 0..5000 {
        crowd.push(&format!("{number}"), b"");
    }
    assert_eq!(refused_fast(&crowd.zip(), &limits).code(), "too_many_parts");
}

#[test]
fn a_cell_of_a_hundred_megabytes_is_refused_in_a_tenth_of_a_second() {
    let limits = Limits::default();
    let long = "x".repeat(100 << 20);
    let inline = Parts::with_rows(&(header() + &format!("<row r=\"2\">{}</row>", cell("A2", &long)))).zip();
    assert_eq!(refused_fast(&inline, &limits).code(), "cell_too_long");
    let shared = Parts::with_rows(&header()).strings(&format!("<si><t>{long}</t></si>")).zip();
    assert_eq!(refused_fast(&shared, &limits).code(), "cell_too_long");
    let attribute = Parts::with_rows(&format!("<row x=\"{long}\"/>")).zip();
    assert_eq!(refused_fast(&attribute, &limits).code(), "cell_too_long");
}

#[test]
fn shared_strings_are_bounded_in_memory_and_in_use() {
    let limits = Limits {
        max_ratio: u64::MAX,
        max_shared_bytes: 1 << 20,
        max_uncompressed_bytes: 10 << 20,
        ..Limits::default()
    };
    let many = Parts::with_rows(&header()).strings(&"<si/>".repeat(1 << 18)).zip();
    assert_eq!(read_within(&many, &limits).expect_err("many").code(), "too_much_text");
    let large =
        Parts::with_rows(&header()).strings(&format!("<si><t>{}</t></si>", "x".repeat(30_000)).repeat(40)).zip();
    assert_eq!(read_within(&large, &limits).expect_err("large").code(), "too_much_text");

    let uses = (2..1000)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect::<Vec<_>>()
        .concat();
    let one = Parts::with_rows(&(header() + &uses)).strings(&format!("<si><t>{}</t></si>", "x".repeat(30_000))).zip();
    assert_eq!(read_within(&one, &limits).expect_err("used often").code(), "too_much_text");
}

//! CSV as people send it.

mod support;

use sheets::{Limits, RowErrorCode, SheetError};
use support::{read_all, read_within};

#[test]
fn every_delimiter_is_found_by_content() {
    for delimiter in [',', ';', '\t', '|'] {
        let text = format!("Name{delimiter}City\r\nAsha{delimiter}\"Pune{delimiter} west\"\r\n");
        let sheet = read_all(text.as_bytes()).expect("it is read");
        assert_eq!(sheet.headers, ["Name", "City"]);
        assert_eq!(sheet.values(), [vec!["Asha".to_owned(), format!("Pune{delimiter} west")]]);
    }
}

#[test]
fn every_encoding_with_a_mark_gives_the_same_rows() {
    let text = "Name;City\nआशा;Zürich\n";
    let marked = format!("\u{FEFF}{text}");
    let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [text.as_bytes(), marked.as_bytes(), &little, &big] {
        let sheet = read_all(bytes).expect("it is read");
        assert_eq!(sheet.headers, ["Name", "City"]);
        assert_eq!(sheet.values(), [["आशा", "Zürich"]]);
    }
}

#[test]
fn an_older_encoding_is_refused_with_its_place() {
    let error = read_all(b"Name,City\nAsha,Z\xFCrich\n").expect_err("Latin-1 is not UTF-8");
    assert_eq!(error, SheetError::NotUtf8 { line: 2, offset: 16 });
    assert_eq!(error.code(), "not_utf8");

    let error = read_all(b"\xFF\xFEN\0a\0\0\xD8").expect_err("half a surrogate pair is no character");
    assert_eq!(error, SheetError::NotUtf16 { offset: 6 });
    let error = read_all(b"\xFF\xFEN\0a").expect_err("half a unit is no character");
    assert_eq!(error, SheetError::NotUtf16 { offset: 4 });
}

#[test]
fn row_numbers_are_those_a_person_sees() {
    let text = "\n\nName,Note\n\nAsha,\"two\nlines\"\n,\n\r\nBina,x\rChitra,y";
    let sheet = read_all(text.as_bytes()).expect("it is read");
    let numbers: Vec<u32> = sheet.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [5, 8, 9]);
    assert_eq!(sheet.values(), [["Asha", "two\nlines"], ["Bina", "x"], ["Chitra", "y"]]);
}

#[test]
fn short_rows_are_padded_and_long_rows_refused() {
    let sheet = read_all(b"A,B\n1\n1,2,\n1,2,3\n4,5\n").expect("it is read");
    assert_eq!(sheet.values(), [["1", ""], ["1", "2"], ["4", "5"]]);
    let [refused] = &sheet.refused[..] else {
        panic!("one row is refused, not {:?}", sheet.refused);
    };
    assert_eq!((refused.row, refused.column.as_str(), refused.code), (4, "C", RowErrorCode::TooManyColumns));
}

#[test]
fn a_formula_is_text_and_is_never_evaluated() {
    let sheet = read_all(b"A,B\n=1+1,\"=HYPERLINK(\"\"http://x.example\"\")\"\n'=2+2,'tis\n").expect("it is read");
    assert_eq!(sheet.values(), [["=1+1", "=HYPERLINK(\"http://x.example\")"], ["=2+2", "'tis"]]);
}

#[test]
fn numbers_and_flags_stay_as_written() {
    let sheet = read_all(b"A,B,C\n007,1.50,Yes\n").expect("it is read");
    assert_eq!(sheet.values(), [["007", "1.50", "Yes"]]);
}

#[test]
fn control_characters_are_dropped() {
    let sheet = read_all(format!("A,B\n{}x\u{1b}y\0,\"1\r\n2\"\n", "-".repeat(5000)).as_bytes()).expect("it is read");
    assert_eq!(sheet.values(), [[format!("{}xy", "-".repeat(5000)), "1\n2".to_owned()]]);
}

#[test]
fn a_header_that_is_missing_empty_or_double_is_named() {
    let code = |text: &str| read_all(text.as_bytes()).expect_err("the header is wrong");
    assert_eq!(code("\n,,\n , \n"), SheetError::HeaderMissing);
    assert_eq!(code("A,,C\n1,2,3"), SheetError::HeaderEmpty { column: "B".to_owned() });
    assert_eq!(code("A,B, A \n1,2,3"), SheetError::HeaderDuplicate { first: "A".to_owned(), column: "C".to_owned() });
    assert_eq!(
        code("Asha Example,asha@example.com\nBina Example,bina@example.com"),
        SheetError::HeaderLooksLikeData { column: "B".to_owned() }
    );
}

#[test]
fn unnamed_columns_at_the_right_are_no_columns() {
    let sheet = read_all(b"A,B,,\n1,2,,\n").expect("it is read");
    assert_eq!(sheet.headers, ["A", "B"]);
    assert_eq!(sheet.values(), [["1", "2"]]);
}

#[test]
fn a_quotation_mark_left_open_swallows_nothing_silently() {
    let error = read_all(b"A,B\n1,\"2\n3,4\n5,6\n").expect_err("rows would be lost");
    assert_eq!(error, SheetError::UnclosedQuote { row: 2 });
}

#[test]
fn limits_hold_to_the_row_column_and_byte() {
    let limits = Limits { max_rows: 2, max_columns: 2, max_cell_bytes: 8, ..Limits::default() };
    let sheet = read_within(b"A,B\n12345678,x\n\n123456789,x\n", &limits).expect("it is within the limits");
    assert_eq!(sheet.values(), [["12345678", "x"]]);
    let refused = &sheet.refused[0];
    assert_eq!((refused.row, refused.column.as_str(), refused.code), (4, "A", RowErrorCode::CellTooLong));

    let fails = |text: &[u8], limits| read_within(text, limits).expect_err("it is over a limit");
    assert_eq!(fails(b"A\n1\n2\n3\n", &limits), SheetError::TooManyRows { limit: 2 });
    assert_eq!(fails(b"A,B,C\n", &limits), SheetError::HeaderTooWide { limit: 2 });
    assert_eq!(fails("A\n".repeat(200).replace('\n', "").as_bytes(), &limits), SheetError::CellTooLong { limit: 8 });
    let small = Limits { max_bytes: 4, ..limits };
    assert_eq!(fails(b"A\n1\n2\n", &small), SheetError::FileTooLarge { limit: 4 });
    let little = Limits { max_uncompressed_bytes: 10, ..Limits::default() };
    assert_eq!(fails(b"A\n123456\n123456\n", &little), SheetError::TooMuchText { limit: 10 });
}

#[test]
fn a_cell_of_a_hundred_megabytes_is_refused() {
    let mut bytes = b"A,B\n1,".to_vec();
    bytes.resize(100 << 20, b'x');
    assert_eq!(read_all(&bytes).expect_err("too large").code(), "file_too_large");

    let limits = Limits { max_bytes: usize::MAX, ..Limits::default() };
    assert_eq!(read_within(&bytes, &limits).expect_err("too long").code(), "cell_too_long");
}

#[test]
fn what_is_no_sheet_is_called_what_it_looks_like() {
    let utf16: Vec<u8> = "Name,City".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, what) in [
        (&b"%PDF-1.7\n%\xE2\xE3"[..], "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"\x1F\x8B\x08\0\0\0\0\0", "an archive"),
        (b"<!DOCTYPE html><table>", "HTML or XML"),
        (b"\xEF\xBB\xBF <?xml version='1.0'?>", "HTML or XML"),
        (b"{\"a\": 1}", "JSON"),
        (b"{\\rtf1 }", "a rich text document"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 Workbook", "a file of an old Office (.xls, .doc)"),
        (b"\xFF\xFE\0\0A\0\0\0", "UTF-32 text"),
        (&utf16, "binary data, or UTF-16 text without a byte order mark"),
    ] {
        assert_eq!(read_all(bytes).expect_err(what), SheetError::Unsupported { what });
    }
    for empty in [&b""[..], b" \r\n\t ", b"\xEF\xBB\xBF"] {
        assert_eq!(read_all(empty).expect_err("nothing to read"), SheetError::Empty);
    }
    let mut encrypted = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(read_all(&encrypted).expect_err("it has a password"), SheetError::Encrypted);
}

#[test]
fn letters_that_pass_for_a_signature_are_still_text() {
    for text in ["BMI,Age\n22,30\n", "MZ code,x\n1,2\n", "ID3,x\n1,2\n", "PK,x\n1,2\n"] {
        assert_eq!(read_all(text.as_bytes()).expect(text).rows.len(), 1);
    }
}

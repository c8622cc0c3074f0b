//! A workbook as its publisher left it, named `.csv`.

mod support;

use calamine::{Data, Reader as _, Xlsx};
use sheets::{Format, Limits, read};
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use support::read_all;

/// The file, or `None` where this machine has no folder of real files; then CI fails.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn leads() -> Option<Vec<u8>> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder =
        std::env::var_os("SAMPARK_SHARED_DATA").map_or_else(|| PathBuf::from(beside_the_repository), PathBuf::from);
    if !folder.is_dir() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{} is missing", folder.display());
        eprintln!("skipped: {} is not a folder", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join("education-leads.csv")).expect("the folder holds the file"))
}

#[test]
fn a_workbook_named_csv_is_read_whole() {
    let Some(bytes) = leads() else {
        return;
    };
    assert_eq!(read(&bytes, &Limits::default()).expect("it is read").format(), Format::Xlsx);

    let start = Instant::now();
    let sheet = read_all(&bytes).expect("it is read");
    let took = start.elapsed();

    assert_eq!((sheet.rows.len(), sheet.refused.len(), sheet.headers.len()), (9240, 0, 37));
    assert_eq!(sheet.headers[..2], ["Prospect ID", "Lead Number"]);
    let (first, last) = (&sheet.rows[0], &sheet.rows[9239]);
    assert_eq!((first.number, first.values[1].as_str()), (2, "660737"));
    assert_eq!((last.number, last.values[1].as_str()), (9241, "579533"));
    for row in [first, last] {
        assert_eq!(row.values[0].len(), 36, "a Prospect ID is a UUID");
        assert_eq!(row.values[0].matches('-').count(), 4, "a Prospect ID is a UUID");
    }
    if !cfg!(debug_assertions) {
        assert!(took < Duration::from_millis(400), "took {took:?}");
    }
}

#[test]
fn another_reader_sees_the_same_cells() {
    let Some(bytes) = leads() else {
        return;
    };
    let ours = read_all(&bytes).expect("it is read");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("it is a workbook");
    let theirs = workbook.worksheet_range("Sheet1").expect("it has that sheet");
    assert_eq!(theirs.height(), 9241);
    for (ours, theirs) in ours.rows.iter().zip(theirs.rows().skip(1)) {
        let theirs: Vec<String> = theirs
            .iter()
            .map(|cell| match cell {
                Data::Float(number) => number.to_string(),
                other => other.to_string(),
            })
            .collect();
        assert_eq!(ours.values, theirs, "row {}", ours.number);
    }
}

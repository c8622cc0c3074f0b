//! Alone in its binary, because the peak memory of a process is measured.
#![cfg(target_os = "linux")]

mod support;

use sheets::{Limits, read};
use std::io::Write;
use support::{Parts, cell, header};

/// Peak resident memory since the last call, in bytes above what is resident now.
fn peak_of(work: impl FnOnce()) -> u64 {
    // "5" resets the peak (proc(5), clear_refs).
    let mut reset = std::fs::File::options().write(true).open("/proc/self/clear_refs").expect("the peak can be reset");
    reset.write_all(b"5").expect("the peak is reset");
    let before = status("VmRSS:");
    work();
    status("VmHWM:").saturating_sub(before)
}

fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status is there");
    let line = status.lines().find(|line| line.starts_with(field)).expect("the field is there");
    let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("it is a number");
    kilobytes << 10
}

fn drain(bytes: &[u8], limits: &Limits) {
    if let Ok(reader) = read(bytes, limits) {
        for row in reader {
            if row.is_err() {
                return;
            }
        }
    }
}

#[test]
fn no_file_costs_more_than_64_megabytes() {
    // The ratio is let go, so that the other bounds must do.
    let limits = Limits { max_ratio: u64::MAX, ..Limits::default() };
    let long = "x".repeat(100 << 20);
    let cases = [
        ("a long cell", Parts::with_rows(&(header() + &cell("A2", &long))).zip()),
        ("a long attribute", Parts::with_rows(&format!("<row x=\"{long}\"/>")).zip()),
        ("many shared strings", Parts::with_rows(&header()).strings(&"<si/>".repeat(5 << 20)).zip()),
        (
            "large shared strings",
            Parts::with_rows(&header()).strings(&format!("<si><t>{}</t></si>", "x".repeat(30_000)).repeat(1500)).zip(),
        ),
        ("many rows", Parts::with_rows(&(header() + &"<row></row>".repeat(1 << 18))).zip()),
        ("deep nesting", Parts::with_rows(&"<a>".repeat(1 << 20)).zip()),
        ("a directory of many", directory_of(300_000)),
    ];
    drop(long);
    for (what, bytes) in &cases {
        let peak = peak_of(|| drain(bytes, &limits));
        assert!(peak <= 64 << 20, "{what} took {} MB", peak >> 20);
    }
}

/// An archive that lists the same empty entry many times.
fn directory_of(entries: u32) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.resize(30, 0);
    let start = u32::try_from(bytes.len()).expect("it is short");
    for number in 0..entries {
        bytes.extend_from_slice(b"PK\x01\x02");
        bytes.extend_from_slice(&[0; 24]);
        bytes.extend_from_slice(&8_u16.to_le_bytes());
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(format!("{number:08}").as_bytes());
    }
    let size = u32::try_from(bytes.len()).expect("it fits") - start;
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\xFF\xFF\xFF\xFF");
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

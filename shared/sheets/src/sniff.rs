use crate::decode::UTF8_MARK;
use crate::{Limits, SheetError};
use infer::MatcherType;

/// The formats read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text with cells between commas, semicolons, tabs or vertical bars (RFC 4180).
    Csv,
    /// An Office Open XML workbook (ECMA-376).
    Xlsx,
}

/// Signature of an OLE compound file: Office before 2007, and newer files behind a password ([MS-CFB] 2.2).
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// How far a NUL, the mark of binary content, is looked for.
const SAMPLE: usize = 4096;

/// Tells the format by content; a name or a declared type is never asked.
pub(crate) fn sniff(bytes: &[u8], limits: &Limits) -> Result<Format, SheetError> {
    if bytes.len() > limits.max_bytes {
        return Err(SheetError::FileTooLarge { limit: limits.max_bytes });
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Format::Xlsx);
    }
    if bytes.starts_with(COMPOUND_FILE) {
        return Err(compound_file(bytes));
    }
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Err(SheetError::Unsupported { what: "UTF-32 text" });
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Ok(Format::Csv);
    }
    text(bytes)
}

fn compound_file(bytes: &[u8]) -> SheetError {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(encrypted.len()).any(|window| window == encrypted) {
        SheetError::Encrypted
    } else {
        SheetError::Unsupported { what: "a file of an old Office (.xls, .doc)" }
    }
}

/// Text is CSV unless it plainly is something else. Signatures of binary formats are asked for only where
/// the content is binary, because two letters of text pass for some of them ("BMI,Age" for a bitmap).
fn text(bytes: &[u8]) -> Result<Format, SheetError> {
    let start = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes).trim_ascii_start();
    let what = match start {
        [] => return Err(SheetError::Empty),
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [b'{', b'\\', b'r', b't', b'f', ..] => "a rich text document",
        [b'{', ..] | [b'[', b'{', ..] => "JSON",
        [b'<', ..] => "HTML or XML",
        _ if is_binary(bytes) => binary(bytes),
        _ => return Ok(Format::Csv),
    };
    Err(SheetError::Unsupported { what })
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(SAMPLE).any(|byte| *byte == 0)
}

fn binary(bytes: &[u8]) -> &'static str {
    match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(MatcherType::Image) => "a picture",
        Some(MatcherType::Audio) => "a sound recording",
        Some(MatcherType::Video) => "a video",
        Some(MatcherType::Archive) => "an archive",
        Some(MatcherType::App) => "a program",
        Some(MatcherType::Book | MatcherType::Doc) => "a document",
        _ => "binary data, or UTF-16 text without a byte order mark",
    }
}

//! What a file is: by what is in it, whatever anybody says of it.

use super::FileName;
use crate::Invalid;
use crate::values::wire_enum;

wire_enum! {
    /// The kinds of files that are kept: documents, pictures, sound, films and plain text. Nothing that a machine runs, or that a
    /// browser shows as a page.
    FileType, "type_not_allowed",
    /// A PDF document.
    Pdf = "application/pdf",
    /// A picture.
    Png = "image/png",
    /// A photograph.
    Jpeg = "image/jpeg",
    /// A picture that may move.
    Gif = "image/gif",
    /// A picture of either sort.
    Webp = "image/webp",
    /// A document of Word, without macros.
    Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    /// A workbook of Excel, without macros.
    Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    /// Slides of `PowerPoint`, without macros.
    Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    /// An archive of files.
    Zip = "application/zip",
    /// A film.
    Mp4 = "video/mp4",
    /// Sound.
    Ogg = "audio/ogg",
    /// Sound.
    Mp3 = "audio/mpeg",
    /// Text in UTF-8.
    Text = "text/plain",
    /// A table in UTF-8, as its name says.
    Csv = "text/csv",
}

/// Extensions by which a machine runs a file, or a browser shows it as a page, sorted.
const RUN: [&str; 61] = [
    "apk", "app", "appx", "asp", "aspx", "bash", "bat", "chm", "class", "cmd", "com", "command", "cpl", "deb", "dll",
    "dmg", "docm", "dotm", "exe", "gadget", "hta", "htm", "html", "img", "ins", "iso", "jar", "js", "jse", "jsp",
    "lnk", "mht", "mhtml", "mjs", "msc", "msi", "msp", "php", "pif", "pl", "pptm", "ps1", "py", "rb", "reg", "rpm",
    "scf", "scr", "sct", "sh", "shtml", "svg", "svgz", "url", "vbe", "vbs", "wsf", "wsh", "xhtml", "xlsm", "xml",
];
/// Files by which an archive is a program: a document's macros, Java's and Android's applications.
const PROGRAM: [&str; 3] = ["vbaproject.bin", "meta-inf/manifest.mf", "androidmanifest.xml"];

fn not_allowed() -> Invalid {
    Invalid::new("type_not_allowed", "is of a type that is not kept")
}

impl FileType {
    /// What these bytes are, under this name. Refused as `type_not_allowed` where they are of no kind that is kept, or where the
    /// name would have a machine run them; as `empty` where there are none.
    pub fn of(bytes: &[u8], name: &FileName) -> Result<Self, Invalid> {
        Self::refuse_run(name)?;
        if bytes.is_empty() {
            return Err(Invalid::new("empty", "must have something in it"));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if is_page_or_script(text) => Err(not_allowed()),
            // Before the signatures: two letters of text pass for some of them.
            Ok(text) if is_plain(text) => Ok(text_of(name)),
            _ if bytes.starts_with(b"PK") => archive(bytes).ok_or_else(not_allowed),
            _ => signed(bytes).ok_or_else(not_allowed),
        }
    }

    /// Refuses a name by which a machine would run a file, or a browser show it as a page.
    pub fn refuse_run(name: &FileName) -> Result<(), Invalid> {
        match RUN.binary_search(&name.extension().as_str()) {
            Ok(_) => Err(not_allowed()),
            Err(_) => Ok(()),
        }
    }

    /// What a `Content-Type` says, whatever stands behind it.
    pub fn said(text: &str) -> Result<Self, Invalid> {
        text.split(';').next().unwrap_or_default().parse()
    }

    /// What a `Content-Type` says of it: text is in UTF-8.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            other => other.as_str(),
        }
    }

    /// What stands behind the point in the name of such a file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Zip => "zip",
            Self::Mp4 => "mp4",
            Self::Ogg => "ogg",
            Self::Mp3 => "mp3",
            Self::Text => "txt",
            Self::Csv => "csv",
        }
    }

    /// Whether bytes that are of this kind may have been called that: tables are text.
    pub fn may_be_called(self, said: Self) -> bool {
        self == said || matches!((self, said), (Self::Text | Self::Csv, Self::Text | Self::Csv))
    }
}

/// A table cannot be told from other text but by its name.
fn text_of(name: &FileName) -> FileType {
    if name.extension() == "csv" { FileType::Csv } else { FileType::Text }
}

/// A page, a picture of lines, a script, or a rich text that may hold anything.
fn is_page_or_script(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    let is_tag = |char: char| char.is_ascii_alphabetic() || matches!(char, '!' | '?' | '/');
    start.strip_prefix('<').is_some_and(|rest| rest.starts_with(is_tag))
        || text.starts_with("#!")
        || start.starts_with("{\\rtf")
}

fn is_plain(text: &str) -> bool {
    let is_strange = |char: char| char.is_control() && !matches!(char, '\t' | '\n' | '\r' | '\u{c}');
    !text.starts_with("%PDF-") && !text.contains(is_strange)
}

/// By its first bytes.
fn signed(bytes: &[u8]) -> Option<FileType> {
    match infer::get(bytes)?.mime_type() {
        // Opus comes in Ogg.
        "audio/opus" => Some(FileType::Ogg),
        found => FileType::ALL.iter().copied().find(|kind| kind.as_str() == found),
    }
}

/// A ZIP archive, by the names in its directory: those of an Office document, of a program, or any.
fn archive(bytes: &[u8]) -> Option<FileType> {
    let names = directory(bytes)?;
    if names.iter().any(|name| PROGRAM.iter().any(|program| name.ends_with(program))) {
        return None;
    }
    let is_office = names.iter().any(|name| name == "[content_types].xml");
    let within = |folder: &str| is_office && names.iter().any(|name| name.starts_with(folder));
    let kinds = [("word/", FileType::Docx), ("xl/", FileType::Xlsx), ("ppt/", FileType::Pptx)];
    let kind = kinds.into_iter().find(|(folder, _)| within(folder));
    Some(kind.map_or(FileType::Zip, |(_, kind)| kind))
}

/// The names in the directory of a ZIP archive, in small letters; `None` where it has no directory that can be read.
///
/// <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3.12 and 4.3.16.
fn directory(bytes: &[u8]) -> Option<Vec<String>> {
    const END: usize = 22;
    const ENTRY: usize = 46;
    let short = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let last = bytes.len().checked_sub(END)?;
    // A comment of up to 64 KiB may stand behind it.
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last).rev().find(|at| bytes[*at..].starts_with(b"PK\x05\x06"))?;
    let mut at = usize::try_from(long(end + 16)?).ok()?;
    let entries = short(end + 10)?;
    let mut names = Vec::with_capacity(usize::from(entries));
    for _ in 0..entries {
        if !bytes.get(at..)?.starts_with(b"PK\x01\x02") {
            return None;
        }
        let [name, extra, comment] = [28, 30, 32].map(|field| short(at + field).map(usize::from));
        let (name, behind) = (name?, extra? + comment?);
        names.push(String::from_utf8_lossy(bytes.get(at + ENTRY..at + ENTRY + name)?).to_ascii_lowercase());
        at += ENTRY + name + behind;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A ZIP archive of empty files.
    fn zip(names: &[&str]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for name in names {
            let length = u16::try_from(name.len()).expect("short").to_le_bytes();
            let at = u32::try_from(bytes.len()).expect("short").to_le_bytes();
            bytes.extend([b"PK\x03\x04".as_slice(), &[0; 22], &length, &[0, 0], name.as_bytes()].concat());
            directory.extend([b"PK\x01\x02".as_slice(), &[0; 24], &length, &[0; 12], &at, name.as_bytes()].concat());
        }
        let count = u16::try_from(names.len()).expect("few").to_le_bytes();
        let (size, at) = (directory.len(), bytes.len());
        let [size, at] = [size, at].map(|size| u32::try_from(size).expect("short").to_le_bytes());
        bytes.extend(directory);
        bytes.extend([b"PK\x05\x06".as_slice(), &[0; 4], &count, &count, &size, &at, &[0, 0]].concat());
        bytes
    }

    fn of(bytes: &[u8], name: &str) -> Result<&'static str, &'static str> {
        let name = name.parse().expect("a name");
        FileType::of(bytes, &name).map(FileType::as_str).map_err(|invalid| invalid.code)
    }

    #[test]
    fn the_words_of_machines_that_run_things_are_sorted() {
        assert!(RUN.is_sorted());
    }

    #[test]
    fn a_file_is_what_is_in_it() {
        let office = |kind: &str| format!("application/vnd.openxmlformats-officedocument.{kind}");
        for (bytes, name, kind) in [
            (b"%PDF-1.7\n".as_slice(), "a.pdf", "application/pdf"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.jpg", "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.jpg", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0\xff", "a.gif", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 \xff", "a.webp", "image/webp"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\xff", "a.mp4", "video/mp4"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\xff", "a.ogg", "audio/ogg"),
            (b"ID3\x03\0\0\0\0\0\x0a\xff", "a.mp3", "audio/mpeg"),
            ("नमस्ते\r\n".as_bytes(), "a.txt", "text/plain"),
            (b"BMI,Age\r\n20,30\r\n", "a.CSV", "text/csv"),
            (b"a < b", "notes", "text/plain"),
            (&zip(&["a.txt"]), "a.zip", "application/zip"),
            (
                &zip(&["_rels/.rels", "[Content_Types].xml", "docProps/app.xml", "x/y", "word/document.xml"]),
                "a.docx",
                &office("wordprocessingml.document"),
            ),
            (&zip(&["[Content_Types].xml", "xl/workbook.xml"]), "a.xlsx", &office("spreadsheetml.sheet")),
            (&zip(&["[Content_Types].xml", "ppt/presentation.xml"]), "a.pptx", &office("presentationml.presentation")),
        ] {
            assert_eq!(of(bytes, name), Ok(kind), "{name}");
        }
    }

    #[test]
    fn nothing_that_runs_or_shows_a_page_is_kept_by_whatever_name() {
        let refused = Err("type_not_allowed");
        for bytes in [
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice(),
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\xff",
            b"<!DOCTYPE html><p>Hello",
            b" \n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"\xef\xbb\xbf<?xml version=\"1.0\"?>",
            b"<script>alert(1)</script>",
            b"#!/bin/sh\nrm -rf /\n",
            b"{\\rtf1 }",
            b"text with a \0 in it",
            b"\xff\xfeh\0i\0",
            b"\xe9t\xe9",
            b"PK\x03\x04 and then nothing",
            &zip(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]),
            &zip(&["META-INF/MANIFEST.MF", "A.class"]),
            &zip(&["AndroidManifest.xml"]),
        ] {
            for name in ["a.pdf", "a", "a.txt"] {
                assert_eq!(of(bytes, name), refused, "{:?}", String::from_utf8_lossy(bytes));
            }
        }
        for name in ["a.exe", "a.pdf.js", "a.HTML", "a.svg", "a.bat ", "a.exe."] {
            assert_eq!(of(b"%PDF-1.7\n", name), refused, "{name}");
        }
        assert_eq!(of(b"", "a.pdf"), Err("empty"));
    }

    #[test]
    fn what_is_said_of_a_file_is_read_without_what_stands_behind_it() {
        assert_eq!(FileType::said("Text/CSV; charset=utf-8"), Ok(FileType::Csv));
        assert_eq!(FileType::said("text/html").map_err(|invalid| invalid.code), Err("type_not_allowed"));
        assert!(FileType::Csv.may_be_called(FileType::Text) && !FileType::Pdf.may_be_called(FileType::Text));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..300), zipped in any::<bool>()) {
            let bytes = if zipped { [b"PK\x03\x04".as_slice(), &bytes, b"PK\x05\x06", &bytes].concat() } else { bytes };
            let _ = of(&bytes, "a");
        }
    }
}
